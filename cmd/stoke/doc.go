// Command stoke is a terminal cockpit for load testing.
//
// One file per subcommand, each a function that returns a cobra command; start
// with root.go. Everything that is global to a process stands here and nowhere
// else: arguments, standard streams, signals, exit codes (exit.go), the state
// directory. What a run is belongs to package engine, what it looks like to
// package tui.
package main

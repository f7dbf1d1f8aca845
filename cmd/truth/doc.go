// Truth runs the experiments of engine/experiment on this machine, as a third
// party would: real time, real sockets on loopback, the server in a process of
// its own on processors of its own. It prints every figure beside what theory
// expects of it, as a Markdown table, and ends with 1 if one is off.
//
//	go run ./cmd/truth                     all of them, six minutes
//	go run ./cmd/truth --quick             the lengths of the tests, two minutes
//	go run ./cmd/truth --long              the lengths of the acceptance tests, fifty minutes
//	go run ./cmd/truth --only T1,T9        some of them
//	go run ./cmd/truth --mutants           also with known faults put in, which must be noticed:
//	                                       three times as long
//
// Some hurt the machine that makes the load (a CPU quota, which needs to be root
// and a writable /sys/fs/cgroup, other programs on every CPU, a stop, a lack of
// descriptors) and look whether it says so; those that this system does not allow
// are in the table as not run. One shows the cockpit on a terminal that hardly takes
// anything, and looks whether the load waits for it. With --long a healthy run of ten minutes must warn
// of nothing.
//
// What a busy machine may spoil is judged only if the run's own health was in
// order; the table says so where it was not.
package main

package main

import (
	"context"
	"os"
)

func main() { os.Exit(stoke()) }

// stoke runs the program and returns its exit code.
func stoke() (code int) {
	limitMemory()
	a := newApp()
	defer a.guard()
	return a.execute(context.Background(), os.Args[1:])
}

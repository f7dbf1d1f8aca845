package wire

import (
	"errors"
	"runtime/debug"
)

// errCrashed is what became of a write whose goroutine panicked.
var errCrashed = errors.New("the writer crashed")

// guard is deferred in every goroutine that this package starts. Without a hook
// a panic ends the program as it would without guard.
func guard(crashed func(v any, stack []byte)) {
	if crashed == nil {
		return
	}
	if v := recover(); v != nil {
		crashed(v, debug.Stack())
	}
}

package main

import (
	"bytes"
	"strings"
	"testing"

	"stoke/engine"
	"stoke/engine/wire"
)

// A value that is in the body all the same, behind what is looked at or
// compressed, is not said to be missing without more.
func TestWhatOfABodyIsNotLookedAt(t *testing.T) {
	large := &wire.Answer{Result: wire.Result{Body: engine.KeptBody + 1}}
	packed := &wire.Answer{Result: wire.Result{Body: 20}, Header: []wire.Header{{Name: "content-encoding", Value: "gzip"}}}
	for want, a := range map[string]*wire.Answer{"the first 1,048,576 bytes": large, "came as gzip": packed} {
		for _, holds := range []bool{false, true} {
			var out bytes.Buffer
			c := &checker{app: &app{out: &out}}
			c.findings(&engine.Exchange{Answer: a, Checks: []engine.Checked{{Text: "json $.id", Holds: holds}}})
			if got := out.String(); strings.Contains(got, want) == holds {
				t.Errorf("holds %v: %q", holds, got)
			}
		}
	}
}

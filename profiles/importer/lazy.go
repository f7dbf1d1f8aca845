package importer

import (
	"regexp"
	"sync"
)

// lazily compiles an expression when it is first needed: a program that imports
// nothing does not pay for it when it starts.
func lazily(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

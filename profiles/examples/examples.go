package examples

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed *.yaml *.csv
var files embed.FS

// Files are the examples and the files that they name. They cannot be changed.
func Files() fs.FS { return files }

// Names returns the names of the examples, from the simplest on. The slice is
// the caller's.
func Names() []string {
	return []string{"hello", "checkout-peak", "step-up", "shoppers", "jobs", "patient"}
}

// Text returns the text of an example, and whether there is one of that name.
// The text is the caller's.
func Text(name string) ([]byte, bool) {
	if strings.ContainsRune(name, '/') {
		return nil, false
	}
	data, err := files.ReadFile(name + ".yaml")
	return data, err == nil
}

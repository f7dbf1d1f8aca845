package main

import (
	"fmt"
	"net/url"
	"os"
	"strings"

	"stoke/engine"
	"stoke/profiles"
)

// What the Origin of a profile says that was not read from a file.
const (
	originURL  = "url"
	originDemo = "demo"
)

// load finds what an argument names: a URL, a file, a saved profile, an
// example, or standard input with "-". Defaults are not applied yet.
func (a *app) load(arg string) (*profiles.Profile, error) {
	dir, err := profiles.Dir()
	if err != nil {
		dir = "" // paths and examples can be opened without a home
	}
	return profiles.Library{Dir: dir, Stdin: a.in}.Open(arg)
}

// authorities reads the certificates to trust besides the system's: those of
// --ca, or else those of the profile.
func (f *runFlags) authorities(p *profiles.Profile) ([]byte, error) {
	if f.ca == "" {
		return p.ReadCA()
	}
	data, err := os.ReadFile(f.ca)
	if err != nil {
		return nil, &usageError{msg: fmt.Sprintf("--ca %s: %v", f.ca, unwrapPath(err)), hint: "name a PEM file"}
	}
	return data, nil
}

// hostName is the host of a profile's target, as it is confirmed.
func hostName(p *profiles.Profile) string {
	u, err := url.Parse(p.Target)
	if err != nil {
		return p.Target
	}
	return strings.ToLower(u.Hostname())
}

// local reports whether load on the target stays on this machine.
func local(p *profiles.Profile) bool { return engine.IsLocal(p.Target) }

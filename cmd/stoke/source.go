package main

import (
	"fmt"
	"os"

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

// files reads what the files hold that the flags name, or else the profile. A
// flag may name a file anywhere, a profile only beside itself.
func (f *runFlags) files(p *profiles.Profile) (profiles.Files, error) {
	return f.filesWith(p, os.LookupEnv)
}

// filesWith is files with the variables that lookup knows.
func (f *runFlags) filesWith(p *profiles.Profile, lookup func(string) (string, bool)) (profiles.Files, error) {
	own := *p
	for _, given := range []struct {
		flag string
		name *string
	}{{f.ca, &own.TLS.CA}, {f.cert, &own.TLS.Cert}, {f.key, &own.TLS.Key}, {f.unixSocket, &own.UnixSocket}} {
		if given.flag != "" {
			*given.name = ""
		}
	}
	files, err := own.ReadFilesWith(lookup)
	if err != nil {
		return files, err
	}
	for _, given := range []struct {
		name, path string
		into       *[]byte
	}{{"--ca", f.ca, &files.CA}, {"--cert", f.cert, &files.Cert}, {"--key", f.key, &files.Key}} {
		if given.path == "" {
			continue
		}
		if *given.into, err = os.ReadFile(given.path); err != nil {
			return files, &usageError{msg: fmt.Sprintf("%s %s: %v", given.name, given.path, unwrapPath(err)), hint: "name a PEM file"}
		}
	}
	if f.unixSocket != "" {
		files.Socket = f.unixSocket
	}
	return files, nil
}

// hostName is the host that the load reaches, as it is confirmed.
func hostName(p *profiles.Profile) string {
	host, _ := engine.Destination(p)
	return host
}

// local reports whether the load stays on this machine.
func local(p *profiles.Profile) bool {
	_, local := engine.Destination(p)
	return local
}

package profiles

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

const targetForm = "write it like http://host:port or https://host"

// FromURL returns the profile of one GET of a URL, named after its host. The
// URL has its scheme: without one it is not clear which was meant. Its error
// is a [*Problem].
func FromURL(raw string) (*Profile, error) {
	u, problem := parseURL(raw)
	if problem == nil {
		problem = checkPath(u.RequestURI())
	}
	if problem != nil {
		return nil, problem
	}
	path, _, _ := strings.Cut(u.RequestURI(), "?")
	return &Profile{
		Origin:   "url",
		Name:     printable(u.Host),
		Target:   u.Scheme + "://" + u.Host,
		Requests: []Request{{Name: shortened("GET " + path), Weight: 1, Method: "GET", Path: u.RequestURI()}},
	}, nil
}

// checkTarget looks at a base URL: like that of FromURL, but without a query.
func checkTarget(raw string) *Problem {
	u, problem := parseURL(raw)
	if problem != nil {
		return problem
	}
	if u.RawQuery != "" || u.ForceQuery {
		return &Problem{Msg: "the target has a query", Hint: "write it into the paths of the requests"}
	}
	if u.Path != "" {
		return checkPath(u.Path)
	}
	return nil
}

func parseURL(raw string) (*url.URL, *Problem) {
	wrong := func(msg, hint string) (*url.URL, *Problem) { return nil, &Problem{Msg: msg, Hint: hint} }
	if strings.Contains(raw, "${") {
		return wrong("the target takes no placeholder: every connection goes there", "write it out; ${…} may stand in the paths")
	}
	if raw != printable(raw) || !utf8.ValidString(raw) {
		return wrong("the target "+show(raw)+" holds a character that cannot be shown", targetForm)
	}
	if !strings.Contains(raw, "://") {
		return wrong("the target "+show(raw)+" has no scheme", "did you mean "+withScheme(raw)+"?")
	}
	u, err := url.Parse(raw)
	if err != nil {
		var e *url.Error
		if errors.As(err, &e) {
			err = e.Err
		}
		return wrong("the target "+show(raw)+" is not a URL: "+printable(err.Error()), targetForm)
	}
	switch host := u.Hostname(); {
	case u.Scheme != "http" && u.Scheme != "https":
		return wrong("stoke does not speak "+show(u.Scheme), targetForm)
	case host == "":
		return wrong("the target "+show(raw)+" has no host", targetForm)
	case u.User != nil:
		return wrong("the target holds a user name, which would be shown on screens and kept in records", "send an authorization header")
	case u.Fragment != "" || strings.Contains(raw, "#"):
		return wrong("the target has a fragment, which is never sent", "leave out # and what follows, or write # as %23")
	case strings.IndexFunc(host, func(r rune) bool { return r <= ' ' || r >= 0x7f }) >= 0:
		return wrong("the host "+show(host)+" is not in ASCII", "write it in punycode (xn--…)")
	case len(host) > 253:
		return wrong("the host is longer than 253 characters", "")
	}
	if strings.HasSuffix(u.Host, ":") {
		return wrong("the target "+show(raw)+" has a colon without a port", targetForm)
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return wrong("the port "+show(port)+" is not one of 1 to 65535", "")
		}
	}
	return u, nil
}

// withScheme guesses the URL that was meant: https, except where TLS is rare.
func withScheme(raw string) string {
	raw = strings.TrimLeft(raw, "/")
	host, _, _ := strings.Cut(raw, "/")
	name, port, hasPort := strings.Cut(host, ":")
	addr, err := netip.ParseAddr(name)
	if name == "localhost" || err == nil && addr.IsLoopback() || hasPort && port != "443" {
		return "http://" + raw
	}
	return "https://" + raw
}

// checkPath looks at a path with its query as it will be sent.
func checkPath(path string) *Problem {
	if strings.Contains(path, "://") && !strings.HasPrefix(path, "/") {
		return &Problem{Msg: "a whole URL where a path is needed", Hint: "leave out scheme and host: they are in target"}
	}
	if !strings.HasPrefix(path, "/") {
		return &Problem{Msg: "the path " + show(path) + " does not begin with /", Hint: "write /" + printable(path)}
	}
	if len(path) > maxPath {
		return &Problem{Msg: fmt.Sprintf("the path is longer than %d KiB", maxPath>>10)}
	}
	for i, r := range path {
		switch {
		case r == '#':
			return &Problem{Msg: "the path has a fragment, which is never sent", Hint: "leave out # and what follows, or write # as %23"}
		case r <= ' ' || r >= 0x7f:
			_, size := utf8.DecodeRuneInString(path[i:])
			escaped := ""
			for _, b := range []byte(path[i : i+size]) {
				escaped += fmt.Sprintf("%%%02X", b)
			}
			return &Problem{Msg: fmt.Sprintf("the path holds the character %s", strconv.QuoteRune(r)), Hint: "write it as " + escaped}
		}
	}
	return nil
}

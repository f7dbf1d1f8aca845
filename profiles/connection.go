package profiles

import (
	"cmp"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"stoke/profiles/grammar"
)

// The keys about the way to the target.

// MinDNSTTL is the shortest dns-ttl.
const MinDNSTTL = time.Second

const maxSources = 1000

// minTLS is the lowest version of TLS unless a profile says so.
const minTLS = "1.2"

func connectionKeys() []field[Connections] {
	return []field[Connections]{
		{key: "max-requests", form: "100", is: isCount, standard: "no limit", doc: "most requests on one connection",
			read: func(v value, c *Connections) { measured(v, grammar.ParseCount, &c.MaxRequests) }},
		{key: "max-age", form: "30s", is: isTime, standard: "no limit", doc: "longest life of a connection",
			read: func(v value, c *Connections) { measured(v, grammar.ParseDuration, &c.MaxAge) }},
	}
}

func tlsKeys() []field[TLS] {
	file := func(key, flag, doc string, into func(*TLS) *string) field[TLS] {
		return field[TLS]{key: key, form: key + ".pem", is: isFile, doc: doc,
			read: func(v value, t *TLS) { readBesidePath(v, "the PEM file", flag, into(t)) }}
	}
	versions := []string{"1.0", "1.1", "1.2", "1.3"}
	return []field[TLS]{
		{key: "insecure", form: "true", is: isFlag, standard: "false", doc: "accept any certificate", read: func(v value, t *TLS) { t.Insecure, _ = v.flag() }},
		file("ca", "--ca", "certificates to trust besides the system's: a PEM file beside the profile", func(t *TLS) *string { return &t.CA }),
		file("cert", "--cert", "the client's certificate: a PEM file beside the profile", func(t *TLS) *string { return &t.Cert }),
		file("key", "--key", "its key: a PEM file beside the profile", func(t *TLS) *string { return &t.Key }),
		{key: "server-name", form: "api.example.test", is: isText, standard: "the target's host", doc: "the name sent (SNI) and looked for in the certificate",
			read: func(v value, t *TLS) { t.ServerName, _ = v.line(253) }},
		{key: "min", form: "1.2", is: isOneOf(versions...), standard: minTLS, doc: "lowest version", read: func(v value, t *TLS) { readChoice(v, &t.Min, versions...) }},
		{key: "max", form: "1.2", is: isOneOf(versions...), standard: "1.3", doc: "highest version", read: func(v value, t *TLS) { readChoice(v, &t.Max, versions...) }},
		{key: "resume", form: "false", is: isFlag, standard: "true", doc: "resume sessions; false makes every handshake a full one", read: func(v value, t *TLS) {
			if resume, ok := v.flag(); ok {
				t.Resume = &resume
			}
		}},
	}
}

// readBesidePath reads the path of a file that a profile may name: one beside
// it.
func readBesidePath(v value, what, flag string, into *string) {
	text, ok := v.line(maxPath)
	switch {
	case !ok:
	case !filepath.IsLocal(text):
		hint := "put " + what + " into the profile's directory"
		if flag != "" {
			hint += ", or give " + flag
		}
		v.wrong("a profile names only files beside it", hint)
	default:
		*into = text
	}
}

func readChecked(v value, check func(string) *Problem, into *string) {
	text, ok := v.text()
	if !ok {
		return
	}
	if problem := check(text); problem != nil {
		v.wrong(problem.Msg, problem.Hint)
		return
	}
	*into = text
}

// CheckConnectTo looks at a host:port; nil if it is one.
func CheckConnectTo(text string) *Problem {
	host, port, err := net.SplitHostPort(text)
	if n, e := strconv.Atoi(port); err != nil || e != nil || n < 1 || n > 65535 || host == "" || !plainHost(host) {
		return &Problem{Msg: show(text) + " is no host with a port", Hint: "write it like 127.0.0.1:8443"}
	}
	return nil
}

// CheckProxy looks at the URL of a proxy; nil if it can be used. The problem
// does not show the URL, which may hold a password.
func CheckProxy(text string) *Problem {
	u, err := url.Parse(text)
	switch {
	case err == nil && u.Scheme != "" && u.Scheme != "http" && u.Host != "":
		return &Problem{Msg: "stoke does not speak " + show(u.Scheme) + " to a proxy", Hint: "write it like http://proxy.test:3128"}
	case err != nil || u.Scheme == "" || u.Hostname() == "" || !plainHost(u.Hostname()) || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		return &Problem{Msg: "this is not the URL of a proxy", Hint: "write it like http://proxy.test:3128 or http://user:password@proxy.test:3128"}
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return &Problem{Msg: "the proxy's port is not one of 1 to 65535"}
		}
	}
	return nil
}

func plainHost(host string) bool {
	return strings.IndexFunc(host, func(r rune) bool { return r <= ' ' || r >= 0x7f }) < 0
}

func readSource(v value, p *Profile) {
	if v.kind() == "text" {
		readAddress(v, p)
		return
	}
	items, ok := v.items("write [127.0.0.2, 127.0.0.3]")
	switch {
	case !ok:
		return
	case len(items) == 0:
		v.wrong("the list is empty", "write [127.0.0.2], or leave it out")
	case len(items) > maxSources:
		v.wrong("more than "+strconv.Itoa(maxSources)+" addresses", "")
		return
	}
	for _, item := range items {
		readAddress(item, p)
	}
}

func readAddress(v value, p *Profile) {
	text, ok := v.text()
	if !ok {
		return
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.IsMulticast() || addr.IsUnspecified() {
		v.wrong(show(text)+" is no address to connect from", "write an address of this machine, like 127.0.0.2")
		return
	}
	p.Source = append(p.Source, addr.Unmap())
}

func readDNSTTL(v value, p *Profile) {
	var ttl time.Duration
	if !measured(v, grammar.ParseDuration, &ttl) {
		return
	}
	if ttl < MinDNSTTL {
		v.wrong("looking the name up more than once a second would be load on the name server", "write 1s or more")
		return
	}
	p.DNSTTL = ttl
}

// checkConnection looks at keys that contradict each other.
func (d *decoder) checkConnection(draft *profileDraft) {
	p := &draft.Profile
	first := ""
	for _, way := range []struct{ key, text string }{{"connect-to", p.ConnectTo}, {"unix-socket", p.UnixSocket}, {"proxy", p.Proxy}} {
		switch {
		case way.text == "":
		case first != "":
			d.fail(draft.at[way.key], way.key+" and "+first+" exclude each other", "leave one of them out")
		default:
			first = way.key
		}
	}
	if p.UnixSocket != "" && len(p.Source) > 0 {
		d.fail(draft.at["source"], "a unix socket has no source address", "leave one of them out")
	}
	t := &p.TLS
	if (t.Cert == "") != (t.Key == "") {
		d.fail(draft.at["tls"], "tls.cert and tls.key belong together", "name both files; one file may hold both")
	}
	switch {
	case t.Max == "" || cmp.Or(t.Min, minTLS) <= t.Max:
	case t.Min == "":
		d.fail(draft.at["tls"], "tls.max "+t.Max+" is below the lowest version, "+minTLS, "write min: "+t.Max+" too")
	default:
		d.fail(draft.at["tls"], "tls.min "+t.Min+" is above tls.max "+t.Max, "swap them")
	}
	if p.KeepAlive != nil && !*p.KeepAlive && p.Connections != (Connections{}) {
		d.fail(draft.at["connections"], "connections has no use with keep-alive: false", "leave it out")
	}
}

package importer

import (
	"cmp"
	"strings"
)

// shortCurl are the letters of options, as their long names.
var shortCurl = map[byte]string{
	'H': "header", 'd': "data", 'X': "request", 'F': "form", 'u': "user", 'b': "cookie", 'A': "user-agent", 'e': "referer", 'k': "insecure",
	'I': "head", 'G': "get", 'x': "proxy", 'o': "output", 'O': "remote-name", 's': "silent", 'S': "show-error", 'v': "verbose", 'i': "include",
	'L': "location", 'm': "max-time", 'T': "upload-file", 'w': "write-out", 'c': "cookie-jar", 'D': "dump-header", 'f': "fail", 'g': "globoff",
	'K': "config", 'E': "cert", 'r': "range", 'U': "proxy-user", '#': "progress-bar", 'N': "no-buffer", 'j': "junk-session-cookies",
	'J': "remote-header-name", 'R': "remote-time", 'n': "netrc", '0': "http1.0", '1': "tlsv1", '2': "sslv2", '3': "sslv3", '4': "ipv4", '6': "ipv6",
	'p': "proxytunnel", 'q': "disable", 'Z': "parallel", 'z': "time-cond", 'y': "speed-time", 'Y': "speed-limit", 'C': "continue-at", 'a': "append",
	'h': "help", 'V': "version", 'P': "ftp-port", 'Q': "quote", 't': "telnet-option", 'B': "use-ascii", 'l': "list-only", 'M': "manual",
}

// quietCurl are options that concern what curl shows or how it waits: nothing
// is lost without them. Those with a value are in quietCurlValue.
var (
	quietCurl = []string{"remote-name", "silent", "show-error", "verbose", "include", "fail", "fail-with-body", "progress-bar", "no-progress-meter",
		"no-buffer", "junk-session-cookies", "remote-header-name", "remote-time", "disable", "parallel", "remote-name-all", "create-dirs", "styled-output", "no-keepalive-time"}
	quietCurlValue = []string{"output", "write-out", "cookie-jar", "dump-header", "stderr", "trace", "trace-ascii", "output-dir", "parallel-max"}
	// lostCurlValue are options with a value that have no counterpart.
	lostCurlValue = []string{"config", "proxy-user", "time-cond", "speed-time", "speed-limit", "continue-at", "ftp-port", "quote", "telnet-option",
		"retry", "retry-delay", "retry-max-time", "max-redirs", "limit-rate", "interface", "local-port", "ciphers", "tls13-ciphers", "curves", "tls-max",
		"proxy-header", "noproxy", "socks5", "socks5-hostname", "socks4", "preproxy", "dns-servers", "doh-url", "aws-sigv4", "keepalive-time", "max-filesize",
		"capath", "pinnedpubkey", "cert-type", "key-type", "pass", "expect100-timeout", "happy-eyeballs-timeout-ms", "request-target", "netrc-file",
		"variable", "rate", "etag-save", "etag-compare", "hostpubmd5", "krb", "login-options", "mail-from", "mail-rcpt", "proto", "proto-default", "proto-redir", "service-name", "crlfile", "engine", "egd-file", "random-file", "alt-svc", "hsts", "haproxy-clientip", "ipfs-gateway", "url-query", "form-escape", "delegation"}
)

// curlOptions are the options that are carried over, by their long names.
func curlOptions() map[string]curlOption {
	flag := func(do func(m *mix, r *curlRequest)) curlOption {
		return curlOption{false, func(m *mix, r *curlRequest, _ string) { do(m, r) }}
	}
	value := func(do func(m *mix, r *curlRequest, v string)) curlOption { return curlOption{true, do} }
	header := func(name string) curlOption {
		return value(func(_ *mix, r *curlRequest, v string) { r.implies(name, v) })
	}
	data := func(m *mix, r *curlRequest, v string) { r.addData(m, v, true) }
	return map[string]curlOption{
		"url":         value(func(_ *mix, r *curlRequest, v string) { r.urls = append(r.urls, v) }),
		"header":      value(func(m *mix, r *curlRequest, v string) { r.addHeaderLine(m, v) }),
		"request":     value(func(_ *mix, r *curlRequest, v string) { r.method = strings.ToUpper(v) }),
		"data":        value(data),
		"data-ascii":  value(data),
		"data-binary": value(data),
		"data-raw":    value(func(m *mix, r *curlRequest, v string) { r.addData(m, v, false) }),
		"data-urlencode": value(func(m *mix, r *curlRequest, v string) {
			r.addEncoded(m, v)
		}),
		"json": value(func(m *mix, r *curlRequest, v string) {
			r.dataKind = "application/json"
			r.addJSON(m, v)
		}),
		"form":        value(func(m *mix, r *curlRequest, v string) { r.addPart(m, v, true) }),
		"form-string": value(func(m *mix, r *curlRequest, v string) { r.addPart(m, v, false) }),
		"user":        value(func(_ *mix, r *curlRequest, v string) { r.user = v }),
		"oauth2-bearer": value(func(_ *mix, r *curlRequest, v string) {
			r.implies("authorization", "Bearer "+v)
		}),
		"cookie": value(func(m *mix, r *curlRequest, v string) {
			if strings.Contains(v, "=") || strings.Contains(v, holeBegin) {
				r.implies("cookie", v)
			} else {
				m.note(r.where, "the file of cookies %s was left out", show(v))
			}
		}),
		"user-agent": header("user-agent"),
		"referer": value(func(_ *mix, r *curlRequest, v string) {
			r.implies("referer", strings.TrimSuffix(v, ";auto"))
		}),
		"range":      value(func(_ *mix, r *curlRequest, v string) { r.implies("range", "bytes="+v) }),
		"compressed": flag(func(_ *mix, r *curlRequest) { r.implies("accept-encoding", "gzip, deflate, br") }),
		"insecure":   flag(func(m *mix, r *curlRequest) { m.profile.TLS.Insecure = true }),
		"head":       flag(func(_ *mix, r *curlRequest) { r.method = "HEAD" }),
		"get":        flag(func(_ *mix, r *curlRequest) { r.get = true }),
		"globoff":    flag(func(_ *mix, r *curlRequest) { r.globOff = true }),
		"location": flag(func(m *mix, r *curlRequest) {
			m.note(r.where, "-L is not carried over: a redirect is an answer here and is not followed; name the final URL")
		}),
		"upload-file": value(func(m *mix, r *curlRequest, v string) {
			r.method = cmp.Or(r.method, "PUT")
			r.upload = true
			r.takeFile(m, v)
		}),
		"proxy":           value((*mix).curlProxy),
		"resolve":         value(func(_ *mix, r *curlRequest, v string) { r.connect = append(r.connect, v) }),
		"connect-to":      value(func(_ *mix, r *curlRequest, v string) { r.connect = append(r.connect, v) }),
		"max-time":        value(func(m *mix, r *curlRequest, v string) { m.curlTime(r, v, &m.profile.Timeout) }),
		"connect-timeout": value(func(m *mix, r *curlRequest, v string) { m.curlTime(r, v, &m.profile.ConnectTimeout) }),
		"unix-socket":     value(func(m *mix, r *curlRequest, v string) { m.curlFile(r, "the socket", v, &m.profile.UnixSocket) }),
		"cacert":          value(func(m *mix, r *curlRequest, v string) { m.curlFile(r, "the certificates", v, &m.profile.TLS.CA) }),
		"cert":            value(func(m *mix, r *curlRequest, v string) { m.curlFile(r, "the certificate", v, &m.profile.TLS.Cert) }),
		"key":             value(func(m *mix, r *curlRequest, v string) { m.curlFile(r, "the key", v, &m.profile.TLS.Key) }),
	}
}

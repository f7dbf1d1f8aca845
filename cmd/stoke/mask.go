package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"stoke/profiles/template"
)

// hidden stands where a secret stood.
const hidden = "***"

// mask takes secrets out of texts that are shown: each as it is, and in every
// way in which a request may hold it.
type mask []string

// newMask hides the values of a profile's secrets and the password of its
// proxy.
func newMask(secrets map[string]string, proxy string) mask {
	var m mask
	add := func(secret string) {
		if secret == "" {
			return
		}
		m = append(m, secret)
		for how := template.Raw; how < template.JSONBare; how++ { // which is raw, or JSONText in quotes
			m = append(m, string(how.AppendTo(nil, secret)))
		}
		m = append(m, url.QueryEscape(secret), url.PathEscape(secret)) // as an answer may say it
	}
	for _, secret := range secrets {
		add(secret)
	}
	if u, err := url.Parse(proxy); err == nil && u.User != nil {
		password, _ := u.User.Password()
		add(password)
	}
	m = slices.DeleteFunc(m, func(s string) bool { return s == "" })
	slices.SortFunc(m, func(a, b string) int { return len(b) - len(a) }) // one may be a part of another
	return slices.Compact(m)
}

// text is a text without the secrets.
func (m mask) text(s string) string {
	for _, secret := range m {
		s = strings.ReplaceAll(s, secret, hidden)
	}
	return s
}

// credentials are the headers whose values are secret whoever wrote them.
var credentials = []string{"authorization", "proxy-authorization"}

// header is a header line without the secrets: of credentials only the scheme
// is left.
func (m mask) header(line string) string {
	name, value, ok := strings.Cut(line, ":")
	if !ok || !slices.Contains(credentials, strings.ToLower(strings.TrimSpace(name))) {
		return m.text(line)
	}
	scheme, _, two := strings.Cut(strings.TrimSpace(value), " ")
	if !two {
		return name + ": " + hidden
	}
	return m.text(name + ": " + scheme + " " + hidden)
}

// visible shows a line byte for byte: what a terminal would act on, or not
// show, stands as in \x1b.
func visible(line string) string {
	var b strings.Builder
	for i, r := range line {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(line[i:], string(utf8.RuneError)):
			fmt.Fprintf(&b, `\x%02x`, line[i])
		case r == '\t' || unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			for _, c := range []byte(string(r)) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		}
	}
	return b.String()
}

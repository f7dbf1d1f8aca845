package main

import (
	"net/url"
	"strings"
	"testing"

	"stoke/profiles/template"
)

// TestMaskHidesEveryForm: whatever way a secret is written into a request, no
// part of it is left.
func TestMaskHidesEveryForm(t *testing.T) {
	for _, secret := range []string{"canary", `can"ary\`, "can ary/?&=%+ü", "can\nary\x01", "7", "can", "canary/x"} {
		m := newMask(map[string]string{"env.A": secret, "env.B": "canary", "env.EMPTY": ""}, "http://u:pr0xy@127.0.0.1:1")
		for how := template.Raw; how <= template.JSONBare; how++ {
			text := "a " + string(how.AppendTo(nil, secret)) + " z"
			got := strings.ReplaceAll(m.text(text), hidden, "")
			if strings.Trim(got, `az "`) != "" {
				t.Errorf("%q by %d: %q is left of %q", secret, how, got, text)
			}
		}
	}
	m := newMask(nil, (&url.URL{Scheme: "http", Host: "h", User: url.UserPassword("u", "pr0xy")}).String())
	if got := m.text("pr0xy"); got != hidden {
		t.Errorf("the proxy's password: %q", got)
	}
	for line, want := range map[string]string{
		"Authorization: Basic dTpw":      "Authorization: Basic ***",
		"proxy-authorization:  Bearer x": "proxy-authorization: Bearer ***",
		"AUTHORIZATION: token":           "AUTHORIZATION: ***",
		"x-authorization: Basic y":       "x-authorization: Basic y",
		"GET /pr0xy HTTP/1.1":            "GET /*** HTTP/1.1",
	} {
		if got := m.header(line); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

func TestVisibleIsByteForByte(t *testing.T) {
	if got, want := visible("a\x1b[2J\xff\u202eü\tz\r"), `a\x1b[2J\xff\xe2\x80\xaeü`+"\t"+`z\x0d`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

package importer

import (
	"strings"
	"testing"
)

// TestCurlOptions: what a command sends is what curl would send.
func TestCurlOptions(t *testing.T) {
	for _, c := range []struct {
		name, command string
		want          []string
		not           string
	}{
		{"a header that is given goes before one that an option means",
			`curl http://h/ --compressed -A one -e http://a/ -b x=y -H 'Accept-Encoding: zstd' -H 'user-agent: two' -H 'Referer: http://b/' -H 'x: y'`,
			[]string{`Accept-Encoding: "zstd"`, `user-agent: "two"`, `Referer: "http://b/"`, `x: "y"`, `cookie: "${env.COOKIE}"`}, "gzip"},
		{"of two user agents the last", `curl http://h/ -A one -A two`, []string{`user-agent: "two"`}, "one"},
		{"one that is taken away stays away", `curl http://h/ -A one -H 'User-Agent:' -H 'x: y'`, []string{`x: "y"`}, "user-agent"},
		{"a literal part keeps its quotes", `curl http://h/ --form-string 'a="@b;type=c"' -F 'd="e"'`, []string{`value: "\"@b;type=c\""`, `value: "e"`}, ""},
		{"an upload to a folder is called like the file", `curl -T in/a.txt 'http://h/up/?x=1'`, []string{`put: /up/a.txt?x=1`}, ""},
	} {
		r, err := Curl(strings.NewReader(c.command), Options{})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for _, want := range c.want {
			if !strings.Contains(string(r.Text), want) {
				t.Errorf("%s: no %s in\n%s", c.name, want, r.Text)
			}
		}
		if c.not != "" && strings.Contains(string(r.Text), c.not) {
			t.Errorf("%s: %s in\n%s", c.name, c.not, r.Text)
		}
	}
}

// TestCurlTold: what of a command cannot be sent is told.
func TestCurlTold(t *testing.T) {
	for command, want := range map[string]string{
		`curl http://127.0.0.1:81/ -H 'Host: shop.test'`: "write target: http://shop.test and connect-to: 127.0.0.1:81\n",
		`curl https://[::1]/ -H 'Host: shop.test:8443'`:  "write target: https://shop.test:8443 and connect-to: [::1]:443\n",
		`curl http://h/ -d @a.txt -d @b.txt`:             "a further file of the body",
		`curl -G http://h/ -d @a.txt`:                    "of which -G makes a query, was left out",
	} {
		r, err := Curl(strings.NewReader(command), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if all := text(r); !strings.Contains(all, want) {
			t.Errorf("%s: no note that it was left out:\n%s", command, all)
		}
	}
}

// TestOwnHost: a Host header that says what the URL says is nothing to tell.
func TestOwnHost(t *testing.T) {
	for _, command := range []string{
		`curl https://shop.test/ -H 'Host: shop.test'`, `curl https://shop.test/ -H 'Host: SHOP.test:443'`, `curl http://shop.test:81/ -H 'host: shop.test'`,
	} {
		r, err := Curl(strings.NewReader(command), Options{Target: "http://127.0.0.1:1"})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Notes) > 0 {
			t.Errorf("%s: %v", command, r.Notes)
		}
	}
}

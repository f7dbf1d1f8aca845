package importer

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// harOf is a recording of requests with bodies in base64.
func harOf(header string, kinds map[string]string, bodies ...[2]string) string {
	var entries []string
	for _, b := range bodies {
		entries = append(entries, fmt.Sprintf(`{"request":{"method":"POST","url":"http://h%s","headers":[%s],"postData":{"mimeType":%q,"encoding":"base64","text":%q}},"response":{"status":200}}`,
			b[0], header, kinds[b[0]], base64.StdEncoding.EncodeToString([]byte(b[1]))))
	}
	return `{"log":{"entries":[` + strings.Join(entries, ",") + `]}}`
}

// TestBinaryBody: a body that is no text is a file beside the profile, the same
// one once; where there can be none, that is told.
func TestBinaryBody(t *testing.T) {
	blob := "\x00\xff{\x80"
	har := harOf("", nil, [2]string{"/a", blob}, [2]string{"/b", blob}, [2]string{"/a", blob[1:]})
	r, err := HAR(strings.NewReader(har), Options{File: "my shop.har"})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Files) != 2 || string(r.Files[0].Data) != blob || string(r.Files[1].Data) != blob[1:] {
		t.Fatalf("files %q", r.Files)
	}
	var got []string
	for _, q := range r.Profile.Requests {
		got = append(got, q.Path+" "+q.BodyFile)
	}
	if want := "/a my-shop-body-1.bin, /b my-shop-body-1.bin, /a my-shop-body-2.bin"; strings.Join(got, ", ") != want {
		t.Errorf("bodies %q, want %q", got, want)
	}
	checkMeant(t, r)
	r, err = HAR(strings.NewReader(har), Options{NoFiles: true})
	if err != nil {
		t.Fatal(err)
	}
	if all := text(r); len(r.Files) > 0 || !strings.Contains(all, "entry 1: its body of 4 bytes is not text: write it into a file") {
		t.Errorf("without files:\n%s", all)
	}
}

// TestBinarySecret: a body that is no text and holds what stands elsewhere as a
// secret goes into no file; of a form with a binary file the parts are read, and
// their secrets hidden.
func TestBinarySecret(t *testing.T) {
	const secret = "canary-4711-canary"
	form := "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n" + secret + "\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"cat\"; filename=\"cat.png\"\r\nContent-Type: image/png\r\n\r\n\xff\x00\x80" + strings.Repeat("\xfe", maxBody) + "\r\n--b--\r\n"
	har := harOf(`{"name":"authorization","value":"Bearer `+secret+`"}`, map[string]string{"/form": "multipart/form-data; boundary=b"}, [2]string{"/raw", "\xff\x00" + secret}, [2]string{"/form", form})
	r, err := HAR(strings.NewReader(har), Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := text(r)
	if strings.Contains(all, secret) || len(r.Files) > 0 {
		t.Errorf("a secret is left:\n%s", all)
	}
	for _, want := range []string{"entry 1: its body is not text and holds a secret", `value: "${env.PASSWORD}"`, "file: cat.png"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %s in\n%s", want, all)
		}
	}
}

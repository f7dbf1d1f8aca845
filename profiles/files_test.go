package profiles

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stoke/profiles/examples"
	"stoke/profiles/template"
)

const filesHead = "stoke: 1\ntarget: http://127.0.0.1:1\n"

// TestReadFilesOfTraffic: tables, bodies, parts, recorded arrivals and secrets
// are there under the names that a run looks for.
func TestReadFilesOfTraffic(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "goods.csv", "id,name\n1,lamp\n2,chair\n")
	write(t, dir, "order.xml", "<order/>")
	write(t, dir, "cat.jpg", "\xff\xd8")
	write(t, dir, "token", "hunter2\n")
	write(t, dir, "arrivals.csv", "0.1\n")
	t.Setenv("STOKE_TEST_TOKEN", "s3cret")
	p, err := Read(filepath.Join(dir, "p.yaml"), []byte(filesHead+`
headers: {authorization: "Bearer ${env.STOKE_TEST_TOKEN}", x: "${file.token}"}
data: {goods: goods.csv}
requests:
  - post: /${goods.id}
    body: {file: order.xml}
  - name: s
    steps:
      - post: /photo
        multipart: [{name: photo, file: cat.jpg}, {name: x, value: "${goods.name}"}]
phases: [rate 100, rate file arrivals.csv]
`))
	if err != nil {
		t.Fatal(err)
	}
	f, err := p.ReadFiles()
	if err != nil {
		t.Fatal(err)
	}
	if g := f.Tables["goods"]; g == nil || g.Rows() != 2 || g.Value(1, g.Column("name")) != "chair" {
		t.Errorf("the table is %+v", g)
	}
	if string(f.Bodies["order.xml"]) != "<order/>" || string(f.Bodies["cat.jpg"]) != "\xff\xd8" || string(f.Arrivals["arrivals.csv"]) != "0.1\n" {
		t.Errorf("the files are %q, %q", f.Bodies, f.Arrivals)
	}
	if f.Secrets["env.STOKE_TEST_TOKEN"] != "s3cret" || f.Secrets["file.token"] != "hunter2" || len(f.Secrets) != 2 {
		t.Errorf("the secrets are %q", f.Secrets)
	}
}

// TestReadFilesProblems: all that is missing is reported at once, each where
// the profile names it, and no secret is in a message.
func TestReadFilesProblems(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	write(t, dir, "goods.csv", "id,price\n1,hunter2\n")
	write(t, dir, "broken.csv", "id,name\n1,lamp\n2\n")
	write(t, dir, "secret", "hunter2")
	secret := write(t, outside, "secret", "hunter2")
	if err := os.Symlink(secret, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	big, err := os.Create(filepath.Join(dir, "big"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(big.Truncate(MaxSecret+1), big.Close()); err != nil {
		t.Fatal(err)
	}
	p, err := Read(filepath.Join(dir, "p.yaml"), []byte(filesHead+`headers: {a: "${env.STOKE_TEST_UNSET}", b: "${file.nothing}", c: "${file.link}", d: "${file.big}", e: "${file.secret}"}
data: {goods: goods.csv, broken: broken.csv, none: none.csv}
requests:
  - get: /${goods.prise}
  - post: /${broken.x}/${none.y}
    json:
      a: "${goods.id} ${goods.prise}"
  - post: /x
    body: {file: order.xml}
  - post: /y
    multipart: [{name: a, file: order.xml}]
phases:
  - rate 100
  - rate file arrivals.csv
`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.ReadFiles()
	var problems *Problems
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(err.Error()) {
		got = append(got, strings.TrimPrefix(strings.TrimSpace(line), p.Origin+":"))
	}
	want := []string{
		"3:15: the environment variable STOKE_TEST_UNSET is not set: export STOKE_TEST_UNSET=…",
		`3:45: reading the secret "nothing": no such file or directory: name a file`,
		`3:67: reading the secret "link"`,
		`3:86: reading the secret "big": larger than 64 KiB`,
		"4:34: broken.csv:3: ",
		"4:52: reading the data none: no such file or directory: name a file",
		`6:11: the data goods has no column "prise": did you mean ${goods.price}?`,
		`9:23: the data goods has no column "prise": did you mean ${goods.price}?`,
		`11:18: reading "order.xml"`,
		`13:33: reading "order.xml"`,
		`16:5: reading "arrivals.csv"`,
	}
	if len(got) != len(want) {
		t.Fatalf("%d problems, want %d:\n%s", len(got), len(want), err)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("problem %d is %s, want %s", i, got[i], want[i])
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a secret is shown: %v", err)
	}
}

// TestReadFilesOfExamples: an example has what it names built in.
func TestReadFilesOfExamples(t *testing.T) {
	for _, name := range examples.Names() {
		p, err := Library{}.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := p.ReadFiles()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, d := range p.Data {
			if f.Tables[d.Name] == nil || f.Tables[d.Name].Rows() == 0 {
				t.Errorf("%s: the data %s is %+v", name, d.Name, f.Tables[d.Name])
			}
		}
		p.TLS.CA, p.UnixSocket = "", "s"
		if _, err := p.ReadFiles(); err == nil {
			t.Errorf("%s has a socket", name)
		}
	}
}

// TestEachTemplate: no text in which placeholders are filled in is overlooked
// when their columns and secrets are looked up.
func TestEachTemplate(t *testing.T) {
	text, err := os.ReadFile("testdata/good/traffic.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, mentioned := read(t, string(text)), map[string]int{}
	for _, m := range p.Mentions {
		mentioned[m.Text]++
	}
	eachTemplate(p, func(text string) {
		parsed, err := template.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range parsed.Refs() {
			if k := part.Ref.Kind; k == template.Column || k == template.Env || k == template.File {
				mentioned[part.Ref.Text]--
			}
		}
	})
	eachFile(p.Requests, func(name string) {
		if name != "" {
			mentioned[name]--
		}
	})
	for _, d := range p.Data {
		mentioned[d.File]--
	}
	for text, n := range mentioned {
		if n != 0 {
			t.Errorf("%s is mentioned %d times more than it is looked up", text, n)
		}
	}
}

package answer

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// sample is an answer with a bit of everything.
var sample = &Answer{
	Status: 200,
	Head: []byte("HTTP/1.1 200 OK\r\nDate:\t today \t\r\nX-Left: 12\r\nType: text/html ; charset=utf-8\r\nx-left: 13\r\nLocation: /jobs/7\r\nEmpty:\r\n" +
		"Set-Cookie: session=old; Path=/\r\nSet-Cookie: other=a=b\r\nset-cookie: session=new; HttpOnly\r\nX-Leftover: 99\r\nBad line\r\n\r\n"),
	Body: []byte(`{"id":"a1","n":3,"big":9007199254740993,"f":1.50,"t":true,"z":null,"text":"3","e":"\u00e4\n","s":"",
		"list":[{"id":1},{"id":2},{"id":3}],"empty":[],"o":{"a":{"b":"deep"}},"0":"key zero",
		"a.b":"dot","a*":"star","a?":"ask","a|b":"pipe","#":"hash","@this":"at","a\\b":"back","'":"quote","":"none","!x":"bang","{a}":"brace","a\"b":"dq","~":"tilde","sp ace":"blank"}`),
	Size: 4096,
}

func TestSourcesReadTheirValue(t *testing.T) {
	const missing = "\x00missing"
	tests := []struct{ text, want string }{
		{"json $.id", "a1"},
		{"json  $.n ", "3"},
		{"json $.f", "1.50"},
		{"json $.t", "true"},
		{"json $.z", "null"},
		{"json $.e", "ä\n"},
		{"json $.s", ""},
		{"json $.list[1].id", "2"},
		{"json $.list[-1].id", "3"},
		{"json $.list[-3]", `{"id":1}`},
		{"json $.list[-4]", missing},
		{"json $.list[3]", missing},
		{"json $.list.#", "3"},
		{"json $.empty.#", "0"},
		{"json $.empty[-1]", missing},
		{"json $.empty", "[]"},
		{"json $.o.a.b", "deep"},
		{`json $["o"]['a'].b`, "deep"},
		{"json $.o.#", missing},
		{"json $.o[0]", missing},
		{"json $[0]", missing}, // a key of that name is no index
		{"json $.0", "key zero"},
		{"json $.list.0", missing}, // nor is an index a key
		{"json $.list.id", missing},
		{"json $.id.x", missing},
		{"json $['a.b']", "dot"},
		{"json $['a*']", "star"},
		{"json $['a?']", "ask"},
		{"json $['a|b']", "pipe"},
		{"json $['#']", "hash"},
		{"json $.@this", "at"},
		{`json $['a\\b']`, "back"},
		{`json $['\'']`, "quote"},
		{"json $['']", "none"},
		{"json $['!x']", "bang"},
		{"json $['{a}']", "brace"},
		{`json $["a\"b"]`, "dq"},
		{"json $.~", "tilde"},
		{"json $['sp ace']", "blank"},
		{"json $.nothing", missing},
		{"header date", "today"},
		{"header X-LEFT", "12"},
		{"header empty", ""},
		{"header left", missing},
		{"header x-lef", missing},
		{"cookie session", "new"},
		{"cookie other", "a=b"},
		{"cookie Session", missing},
		{"cookie Path", missing},
		{`regex "\"n\":(\d+)"`, "3"},
		{`regex "a1"`, "a1"},
		{`regex "nowhere"`, missing},
		{`regex "a1(x)?"`, missing},
		{"status", "200"},
		{"size", "4096"},
		{"body", string(sample.Body)},
	}
	for _, test := range tests {
		s, err := ParseSource(test.text)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		got, ok := s.Read(sample)
		switch {
		case ok != (test.want != missing):
			t.Errorf("%s is there: %v", test.text, ok)
		case ok && string(got) != test.want:
			t.Errorf("%s is %q, want %q", test.text, got, test.want)
		}
		alone, err := ParseTest(test.text)
		if err != nil || alone.Holds(sample) != ok {
			t.Errorf("%s alone holds: %v (%v)", test.text, !ok, err)
		}
	}
}

func TestTestsCompareByType(t *testing.T) {
	holds := []string{
		"json $.n == 3", "json $.n==3", "json $.n == 3.0", "json $.n < 4", "json $.n <= 3", "json $.n >= 3", "json $.n > -1e3",
		`json $.n != "3"`, `json $.text == "3"`, "json $.text != 3", `json $.id == a1`, `json $.id == "a1"`, `json $.id > "a0"`,
		"json $.t == true", "json $.t != false", `json $.t != "true"`, "json $.z == null", "json $.n != null", "json $.f == 1.5",
		"json $.big == 9007199254740993", "json $.big != 9007199254740992", "json $.big < 9007199254740994",
		`json $.s == ""`, `json $.e == "ä` + "\n" + `"`, "json $.list.# == 3", `json $.list contains "\"id\":2"`, `json $.id matches "^a\d$"`,
		`json $.o != "x"`, "json $.list[-1].id == 3",
		"header x-left == 12", `header x-left == "12"`, "header x-left > 5", "header x-left < 100", "header x-left != 13", "header location matches \"^/jobs/\\d+$\"",
		"header type is text/html", `header type is "text/html"`, `header date is "today"`, "header x-left is 12",
		"header date != 5", "header location contains jobs", "cookie session == new",
		"status 200", "status == 200", "status < 300", "status != 404", `status matches "^2"`, "status contains 0",
		"size == 4096", "size > 1e3", `contains "deep"`, `matches "d.ep"`, `body contains "deep"`, `body matches "(?i)DEEP"`,
		`regex "\"n\":(\d+)" == 3`, `regex "\"n\":(\d+)" >= 3`,
	}
	fails := []string{
		"json $.n == 4", `json $.n == "3"`, "json $.text == 3", "json $.n < 3", "json $.n > 3", `json $.n < "4"`, "json $.id == a2",
		"json $.t == false", `json $.t == "true"`, "json $.z != null", "json $.t > false", "json $.big == 9007199254740992",
		"json $.nothing == 1", "json $.nothing != 1", "json $.nothing == null", `json $.nothing contains "x"`,
		"header type is text", `header type is "text/html; charset=utf-8"`, "header none is 1", "header type is text/html5", "header x-left is 12.0",
		"header x-left == 13", "header none != 1", "header date > 5", "header date < 5", "status 404", "status > 200", "size < 4096", `contains "shallow"`,
		`matches "^deep"`, `regex "\"n\":(\d+)" > 3`, `cookie session != "new"`, `json $.list == "[]"`,
	}
	for want, texts := range map[bool][]string{true: holds, false: fails} {
		for _, text := range texts {
			c, err := ParseTest(text)
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			if c.Holds(sample) != want {
				t.Errorf("%s (%s) holds: %v", text, c, !want)
			}
			again, err := ParseTest(c.String())
			if err != nil || !again.Equal(c) || again.Holds(sample) != want {
				t.Errorf("%s is written as %s, which reads as %s (%v)", text, c, again, err)
			}
		}
	}
	if (Test{}).Holds(sample) || !(Test{}).IsZero() || !(Source{}).IsZero() {
		t.Error("the zero test holds")
	}
	if _, ok := (Source{}).Read(sample); ok {
		t.Error("the zero source has a value")
	}
}

func TestCanonicalTexts(t *testing.T) {
	for text, want := range map[string]string{
		`json  $["a"]['b c'][ 0 ].#  ==   done`: `json $.a['b c'][0].# == "done"`,
		"status 201":                            "status == 201",
		`contains  "a\"b\\"`:                    `body contains "a\"b\\"`,
		`matches "\d"`:                          `body matches "\\d"`,
		" header   Location ":                   "header Location",
		"json $.t==true":                        "json $.t == true",
		"json $":                                "json $",
		`size >= "1"`:                           "",
	} {
		got, err := ParseTest(text)
		if want == "" {
			if err == nil {
				t.Errorf("%s is read", text)
			}
			continue
		}
		if err != nil || got.String() != want {
			t.Errorf("%s is written as %q, want %q (%v)", text, got, want, err)
		}
	}
}

func TestWhatMustBeKept(t *testing.T) {
	for text, want := range map[string][2]bool{
		"json $.a": {true, false}, `regex "a"`: {true, false}, "body": {true, false},
		"header a": {false, true}, "cookie a": {false, true}, "status": {false, false}, "size": {false, false},
	} {
		s, err := ParseSource(text)
		if err != nil || s.NeedsBody() != want[0] || s.NeedsHead() != want[1] {
			t.Errorf("%s needs body %v, head %v (%v)", text, s.NeedsBody(), s.NeedsHead(), err)
		}
	}
	for _, text := range []string{`contains "a"`, `matches "a"`} {
		c, err := ParseTest(text)
		if err != nil || !c.NeedsBody() {
			t.Errorf("%s needs no body (%v)", text, err)
		}
	}
}

func TestMistakesAreToldWhereTheyAre(t *testing.T) {
	tests := []struct {
		text   string
		offset int
		says   string
	}{
		{"", 0, "what to read"},
		{"  ", 2, "what to read"},
		{"jsn $.a", 0, "unknown source"},
		{"json", 4, "begins with $"},
		{"json id", 5, "begins with $"},
		{"json $..id", 6, "not supported"},
		{"json $.*", 6, "not supported"},
		{"json $.a[*].b", 8, "not supported"},
		{"json $.a[?(@.b)]", 9, "filters"},
		{"json $.a[1:2]", 10, "ranges"},
		{"json $.a[1,2]", 10, "ranges"},
		{"json $.a[", 9, "index or a key"},
		{"json $.a[x]", 9, "index or a key"},
		{"json $.a[99999999999]", 9, "index or a key"},
		{"json $.a[1", 8, "without a ]"},
		{"json $.a['b", 9, "not closed"},
		{"json $.", 7, "no key"},
		{"json $.#x", 6, "number of items"},
		{"json $.a;b", 8, "unexpected"},
		{"json $.a b", 9, "unknown comparison"},
		{"json $.a = 1", 9, "did you mean ==?"},
		{"json $.a =~ x", 9, "matches"},
		{"json $.a is 1", 9, "did you mean ==?"},
		{"json $.a ==", 11, "no value"},
		{"status is 1", 7, "did you mean ==?"},
		{"header a is", 11, "no value"},
		{`json $.a == "x`, 12, "not closed"},
		{"json $.a == two words", 16, "quotes"},
		{`json $.a == a"b`, 12, "quote within"},
		{"header", 6, "not the name of a header"},
		{"header http/1.1", 7, "not the name of a header"},
		{"cookie a;b", 7, "not the name of a cookie"},
		{"regex a", 6, "stands in quotes"},
		{`regex "("`, 6, "regular expression is wrong"},
		{`matches "a(?<b"`, 8, "regular expression is wrong"},
		{"matches a", 8, "stands in quotes"},
		{`contains ""`, 9, "not empty"},
		{"contains", 8, "no value"},
		{"status == ok", 10, "is a number"},
		{"status 2xx", 7, "is a number"},
		{"status 200 201", 11, "one value"},
		{"size > 10kB", 7, "is a number"},
		{"size x", 5, "unknown comparison"},
		{"body ~ x", 5, "matches"},
	}
	for _, test := range tests {
		_, err := ParseTest(test.text)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v, want an *Error", test.text, err)
			continue
		}
		if e.Offset != test.offset || !strings.Contains(e.Error(), test.says) {
			t.Errorf("%s: offset %d, %q; want %d, %q", test.text, e.Offset, e.Error(), test.offset, test.says)
		}
	}
	var e *Error
	if _, err := ParseSource("json $.a == 1"); !errors.As(err, &e) || e.Offset != 9 {
		t.Errorf("a comparison in a source: %v", err)
	}
}

// TestHostileAnswers reads everything out of answers that are not what they
// should be.
func TestHostileAnswers(t *testing.T) {
	deep := strings.Repeat("[", 500_000)
	bodies := []string{
		"", " ", "{", "}", "[", "null", "<html>", `{"a":`, `{"a":1`, `{"a" 1}`, "{\"a\":\"\xff\"}", `{"a":"\ud800"}`, `{"a":1e999}`, "\x00",
		deep, strings.Repeat(`{"a":`, 100_000), strings.Repeat("\\", 1000), `{"a":"\`,
	}
	heads := []string{"", "\n", "\r\n\r\n", "HTTP/1.1", "HTTP/1.1 200\n:\n: \na\na:\n", "x\nSet-Cookie\nSet-Cookie:\nSet-Cookie: a\nSet-Cookie: =;=;", strings.Repeat("\n", 10_000)}
	var tests []Test
	for _, text := range []string{
		"json $", "json $.a", "json $.a > 1", "json $[0]", "json $[-1]", "json $.#", "json $['']", "header a", "cookie a", "cookie a == b",
		`regex "(a|a)*b"`, `matches "(x+x+)+y"`, "status", "size", "body",
	} {
		c, err := ParseTest(text)
		if err != nil {
			t.Fatal(err)
		}
		tests = append(tests, c)
	}
	for i, b := range bodies {
		for _, c := range tests {
			a := &Answer{Head: []byte(heads[i%len(heads)]), Body: []byte(b)}
			c.Holds(a)
			c.Read(a)
			if string(a.Body) != b {
				t.Fatalf("%s changed the answer", c)
			}
		}
	}
	for _, b := range []string{"<html>", `{"a":1`, `{"a":1}}`, `{"a":1} x`, strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1)} {
		for _, text := range []string{"json $", "json $.a"} {
			c, _ := ParseTest(text)
			if c.Holds(&Answer{Body: []byte(b)}) {
				t.Errorf("%s holds in %.20s", text, b)
			}
		}
	}
	c, _ := ParseTest("json $")
	if !c.Holds(&Answer{Body: []byte(strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth))}) {
		t.Error("what is as deep as it may be is not read")
	}
}

// FuzzKey checks that every key is found by its path, and no other.
func FuzzKey(f *testing.F) {
	for _, s := range []string{"", "a", "a.b", "*", "a\\", "#", "@this", "..", "'", `"`, "|", "{", "[0]", "!", "ä", "\x01", "0", "-1", "\ufffd", "\u2028", "😀"} {
		f.Add(s, "z")
	}
	f.Fuzz(func(t *testing.T, key, other string) {
		key, other = strings.ToValidUTF8(key, "?"), strings.ToValidUTF8(other, "?")
		object := map[string]any{key: map[string]any{key: key}}
		if other != key {
			object[other] = "wrong"
		}
		body, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		name := "['" + escapeQuoted(key, '\'') + "']"
		s, err := ParseSource("json $" + name + name)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := s.Read(&Answer{Body: body})
		if !ok || string(got) != key {
			t.Fatalf("%s in %s is %q, %v", s, body, got, ok)
		}
		again, err := ParseSource(s.String())
		if err != nil || !again.Equal(s) {
			t.Fatalf("%s is read as %s (%v)", s, again, err)
		}
	})
}

// FuzzTest checks that nothing panics and that a test written out reads the
// same.
func FuzzTest(f *testing.F) {
	for _, s := range []string{
		`json $.a == "b"`, "json $['a'][0].# >= 1.5", "header a != b", "cookie a", `regex "a(b)" == true`, "status 200", "size > 3",
		`contains "x"`, `matches "\d"`, "json $..", "json $.a[", `"`, "status 2",
	} {
		f.Add(s, `{"a":[1,"b",{"":null}]}`)
	}
	f.Fuzz(func(t *testing.T, text, body string) {
		c, err := ParseTest(text)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(text) || e.Msg == "" {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		again, err := ParseTest(c.String())
		if err != nil || again.String() != c.String() {
			t.Fatalf("%q is written as %q, which reads as %q (%v)", text, c, again, err)
		}
		a := &Answer{Status: 200, Head: []byte(body), Body: []byte(body), Size: int64(len(body))}
		if again.Holds(a) != c.Holds(a) {
			t.Fatalf("%q and %q differ", text, again)
		}
		if _, ok := c.Read(a); c.Holds(a) && !ok {
			t.Fatalf("%q holds for what is not there", text)
		}
	})
}

// common are the tests that profiles have most.
var common = []string{
	"json $.id", "json $.o.a.b == deep", "json $.n >= 3", "json $.list[1].id == 2", "header location", `header x-left > 5`,
	"cookie session == new", "status 200", "size > 10", `contains "deep"`, `matches "d.ep"`, `regex "a1"`,
}

func TestCommonTestsAllocateNothing(t *testing.T) {
	for _, text := range common {
		c, err := ParseTest(text)
		if err != nil {
			t.Fatal(err)
		}
		if c.re != nil || c.Source.re != nil {
			continue // package regexp has a pool, which may be emptied at any time
		}
		if n := testing.AllocsPerRun(100, func() {
			if !c.Holds(sample) {
				t.Fatal(text)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", text, n)
		}
	}
	for _, text := range []string{"json $.id", "json $.list[2].id", "header location", "cookie session"} {
		s, err := ParseSource(text)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() { s.Read(sample) }); n != 0 {
			t.Errorf("reading %s: %v allocations", text, n)
		}
	}
}

func BenchmarkHolds(b *testing.B) {
	for _, text := range common {
		c, err := ParseTest(text)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Holds(sample)
			}
		})
	}
}

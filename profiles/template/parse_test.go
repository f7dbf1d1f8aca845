package template

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFormsAreRead(t *testing.T) {
	tests := []struct {
		text string
		want Ref
	}{
		{"${products.sku}", Ref{Kind: Column, Text: "products.sku", Name: "products", Arg: "sku"}},
		{"${users.address.city}", Ref{Kind: Column, Text: "users.address.city", Name: "users", Arg: "address.city"}},
		{`${users."first name"}`, Ref{Kind: Column, Text: `users."first name"`, Name: "users", Arg: "first name"}},
		{`${users."a \"}\\ b"}`, Ref{Kind: Column, Text: `users."a \"}\\ b"`, Name: "users", Arg: `a "}\ b`}},
		{"${cart}", Ref{Kind: Capture, Text: "cart", Name: "cart"}},
		{"${ cart\t}", Ref{Kind: Capture, Text: "cart", Name: "cart"}},
		{"${uid}", Ref{Kind: Capture, Text: "uid", Name: "uid"}},
		{"${größe-2}", Ref{Kind: Capture, Text: "größe-2", Name: "größe-2"}},
		{"${header.location}", Ref{Kind: Header, Text: "header.location", Arg: "location"}},
		{"${env.TOKEN}", Ref{Kind: Env, Text: "env.TOKEN", Arg: "TOKEN"}},
		{"${file.secrets/token.txt}", Ref{Kind: File, Text: "file.secrets/token.txt", Arg: "secrets/token.txt"}},
		{"${seq}", Ref{Kind: Seq, Text: "seq"}},
		{"${uuid}", Ref{Kind: UUID, Text: "uuid"}},
		{"${uuid 2}", Ref{Kind: UUID, Text: "uuid 2", Words: []string{"2"}}},
		{"${rand.int   1  9}", Ref{Kind: RandInt, Text: "rand.int 1 9", From: 1, To: 9}},
		{"${rand.int -9 -9 b}", Ref{Kind: RandInt, Text: "rand.int -9 -9 b", From: -9, To: -9, Words: []string{"b"}}},
		{"${pick a b c}", Ref{Kind: Pick, Text: "pick a b c", Words: []string{"a", "b", "c"}}},
		{`${pick "a  b" "}" "" $}`, Ref{Kind: Pick, Text: `pick "a  b" "}" "" $`, Words: []string{"a  b", "}", "", "$"}}},
		{"${now}", Ref{Kind: Now, Text: "now", Arg: "rfc3339"}},
		{"${now unixms}", Ref{Kind: Now, Text: "now unixms", Arg: "unixms"}},
		{"${fake.email}", Ref{Kind: Fake, Text: "fake.email", Arg: "email"}},
		{"${fake.email 2}", Ref{Kind: Fake, Text: "fake.email 2", Arg: "email", Words: []string{"2"}}},
	}
	for _, test := range tests {
		got, err := Parse("a" + test.text + "z")
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		want := []Part{{Literal: "a"}, {Ref: &test.want, Offset: 1}, {Literal: "z", Offset: 1 + len(test.text)}}
		if diff := cmp.Diff(want, got.Parts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.text, diff)
		}
	}
}

func TestLiteralsAndEscapes(t *testing.T) {
	for text, want := range map[string]string{
		"":             "",
		"plain":        "plain",
		"$":            "$",
		"$5 {x} }":     "$5 {x} }",
		"$${cart}":     "${cart}",
		"$$${cart}":    "$${cart}",
		"a$${b$${c$":   "a${b${c$",
		"$ {x} $$ $$$": "$ {x} $$ $$$",
	} {
		got, err := Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if s, ok := got.Static(); !ok || s != want {
			t.Errorf("%q is %q, %v; want %q", text, s, ok, want)
		}
		if got.String() != text {
			t.Errorf("%q is written as %q", text, got.String())
		}
	}
	if _, ok := mustParse(t, "${seq}").Static(); ok {
		t.Error("a placeholder is taken for a text")
	}
}

func TestMistakesAreToldWhereTheyAre(t *testing.T) {
	tests := []struct {
		text   string
		offset int
		says   []string
	}{
		{"ab${", 2, []string{"without a }", "$${"}},
		{"ab${cart", 2, []string{"without a }"}},
		{"ab${cart\n}", 2, []string{"without a }"}},
		{"ab${cart ${seq}", 2, []string{"without a }"}},
		{"ab${}", 2, []string{"empty"}},
		{"ab${  }", 2, []string{"empty"}},
		{`${cart", "n": 1}`, 12, []string{"closing quote", "missing"}},
		{`${cart"}`, 2, []string{"is not a name", "missing"}},
		{"${VAR:-x}", 2, []string{"is not a name"}},
		{"${1a}", 2, []string{"is not a name"}},
		{"${.a}", 2, []string{"is not a name"}},
		{"${users.}", 8, []string{"nothing behind the dot"}},
		{`${users.""}`, 8, []string{"nothing behind the dot"}},
		{`${users."a b}`, 8, []string{"not closed"}},
		{`${users."a"b}`, 11, []string{"closing quote"}},
		{"${users.first name}", 14, []string{"takes nothing", `"unit price"`}},
		{"${header.a:b}", 9, []string{"not the name of a header"}},
		{"${env.A=B}", 6, []string{"not the name of a variable"}},
		{"${env.A b}", 8, []string{"takes nothing"}},
		{"${seq 2}", 6, []string{"takes nothing"}},
		{"${uuid 2 3}", 9, []string{"more than one word", "${uuid 2}"}},
		{"${rand 1 9}", 2, []string{`"rand"`, "did you mean ${rand.int 1 9}?"}},
		{"${rnd.int 1 9}", 2, []string{"did you mean ${rand.int 1 9}?"}},
		{"${rand.float 1 9}", 2, []string{"rand.int"}},
		{"${rand.int}", 2, []string{"two whole numbers"}},
		{"${rand.int 1}", 2, []string{"two whole numbers"}},
		{"${rand.int 1 x}", 13, []string{`"x"`, "whole number"}},
		{"${rand.int 1 1.5}", 13, []string{"whole number"}},
		{"${rand.int 1 9223372036854775808}", 13, []string{"64 bits"}},
		{"${rand.int 9 1}", 11, []string{"9 is more than 1", "${rand.int 1 9}"}},
		{"${rand.int 1 9 a b}", 17, []string{"more than one word"}},
		{"${pick}", 2, []string{"nothing to pick"}},
		{`${pick a"b}`, 7, []string{"quote within"}},
		{"${pikc a b}", 2, []string{"did you mean ${pick a b}?"}},
		{"${now unxi}", 6, []string{"did you mean unix?"}},
		{"${now yesterday}", 6, []string{"rfc3339, unix, unixms"}},
		{"${now unix 2}", 11, []string{"takes nothing"}},
		{"${fake.emial}", 7, []string{"did you mean email?"}},
		{"${fake.shoe}", 7, []string{"email, name, first"}},
		{"${what ever}", 2, []string{"unknown placeholder"}},
	}
	for _, test := range tests {
		_, err := Parse(test.text)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v, want an *Error", test.text, err)
			continue
		}
		if e.Offset != test.offset {
			t.Errorf("%s: offset %d (%v), want %d", test.text, e.Offset, e, test.offset)
		}
		for _, s := range test.says {
			if !strings.Contains(e.Error(), s) {
				t.Errorf("%s: %q does not say %q", test.text, e.Error(), s)
			}
		}
	}
}

func TestSuggest(t *testing.T) {
	for name, want := range map[string]string{
		"${uid}":        "uuid",
		"${UUID}":       "uuid",
		"${sqe}":        "seq",
		"${rand}":       "rand.int 1 9",
		"${env}":        "env.TOKEN",
		"${email}":      "fake.email",
		"${cart}":       "",
		"${evn.TOKEN}":  "env.TOKEN",
		"${fkae.emial}": "fake.email",
		"${users.id}":   "",
	} {
		if got := Suggest(mustParse(t, name).Refs()[0].Ref); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, w := range Words() {
		if _, err := Parse("${" + w + "}"); err != nil {
			t.Errorf("the example %s is wrong: %v", w, err)
		}
	}
	if !Reserved("env") || !Reserved("seq") || Reserved("users") || ValidName("fake") || ValidName("a b") || !ValidName("users") {
		t.Error("the reserved names are not those that mean something")
	}
}

func mustParse(t testing.TB, text string) *Template {
	t.Helper()
	parsed, err := Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return parsed
}

// FuzzParse checks that the parts lie one behind the other over the whole
// text, that their texts are what stands there, and that a template written
// out again reads the same.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "$", "a${seq}b", "$${x}${x}$", `${pick "a}b" c}`, `${a."b\"c"}`, "${rand.int -1 9}",
		"${now  unix}", "${fake.name 2}", "$$${", "${", "${ ${a}", "ä${größe}", "${\"", "${a.\"\\",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := Parse(text)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(text) || e.Msg == "" {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		at := 0
		for i, p := range parsed.Parts {
			if p.Offset != at {
				t.Fatalf("%q: part %d at %d, want %d", text, i, p.Offset, at)
			}
			at = len(text)
			if i+1 < len(parsed.Parts) {
				at = parsed.Parts[i+1].Offset
			}
			raw := text[p.Offset:at]
			if p.Ref == nil {
				if strings.ReplaceAll(p.Literal, "${", "$${") != raw {
					t.Fatalf("%q: part %d is %q, there is %q", text, i, p.Literal, raw)
				}
			} else if compact(raw) != compact("${"+p.Ref.Text+"}") {
				t.Fatalf("%q: part %d is %q, there is %q", text, i, p.Ref.Text, raw)
			}
		}
		again, err := Parse(parsed.String())
		if err != nil {
			t.Fatalf("%q written as %q: %v", text, parsed.String(), err)
		}
		same := slices.EqualFunc(parsed.Parts, again.Parts, func(a, b Part) bool {
			a.Offset, b.Offset = 0, 0
			return cmp.Equal(a, b)
		})
		if !same {
			t.Fatalf("%q written as %q reads differently", text, parsed.String())
		}
	})
}

// compact drops all blanks.
func compact(s string) string { return strings.NewReplacer(" ", "", "\t", "").Replace(s) }

package measure

import (
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"upstream timed out", "upstream timed out"},
		{"  two\n\tlines  \n", "two lines"},
		{"a\rb", `a\rb`},
		{"\x1b[31mred", `\x1b[31mred`},
		{"c1 \u009b2J", `c1 \x9b2J`},
		{"bad \xff\xfe utf", `bad \xff\xfe utf`},
		{"replacement \ufffd", "replacement \ufffd"},
		{"evil\u202egnp", `evil\u202egnp`},
		{"zero\u200bwidth\ufeff", `zero\u200bwidth\ufeff`},
		{"soft\u00adhyphen", `soft\xadhyphen`},
		{"filler\u3164", `filler\u3164`},
		{"tag\U000e0041", `tag\U000e0041`},
		{"variation\ufe0f", `variation\ufe0f`},
		{"nbsp\u00a0", `nbsp\xa0`},
		{"é à 日本", "é à 日本"},
		{"e\u0301\u0302\u0303\u0304", "e\u0301\u0302" + `\u0303\u0304`},
		{"", ""},
	} {
		if got := Clean(c.in, 80); got != c.want {
			t.Errorf("Clean(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	if got := Clean("abcdefgh", 5); got != "abcd…" {
		t.Errorf("cut to %q", got)
	}
	if got := Clean("abcde", 5); got != "abcde" {
		t.Errorf("cut to %q", got)
	}
	if got := Clean("abc\u202e", 5); got != "abc…" && utf8.RuneCountInString(got) > 5 {
		t.Errorf("cut to %q", got)
	}
	if got := Clean("abc", 0); got != "" {
		t.Errorf("cut to %q", got)
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\x1b]0;x\a\u202e\xff", 10)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = min(max(limit, 0), 1000)
		got := Clean(s, limit)
		if utf8.RuneCountInString(got) > limit || !utf8.ValidString(got) {
			t.Fatalf("%q, limit %d", got, limit)
		}
		for _, c := range got {
			if !unicode.IsPrint(c) || unicode.Is(unicode.Bidi_Control, c) {
				t.Fatalf("%q holds %U", got, c)
			}
		}
	})
}

// Names and messages stand in every tally, and many different codes do not
// grow memory.
func TestTallies(t *testing.T) {
	s := newStage(t, open1000)
	s.NoteStatus(500, "upstream\ntimed out\x1b")
	s.NoteFault(0, "after 5 s")
	for i := range int64(300) {
		q := answer(1, i*ms, ms)
		q.Class, q.Status = Status, uint16(500+i%200)
		s.add(q)
	}
	q := answer(1, 0, ms)
	q.Class = Error
	s.add(q, q)
	for i := range int32(4) {
		q.Class, q.Status, q.RetryAfter = Limited, 500, i/3
		s.add(q)
	}
	v := s.tick(100*ms, Gauge{})
	by := v.Run.ByStatus
	if len(by) != maxKeys+1 || by[0].Name != "other" || total(by) != 304 {
		t.Fatalf("%d codes, %d in all, first %+v", len(by), total(by), by[0])
	}
	if by[1].Name != "500" || by[1].Count != 6 || by[1].Sample != `upstream timed out\x1b` {
		t.Errorf("%+v", by[1])
	}
	if f := v.Run.ByFault; len(f) != 1 || f[0] != (Tally{"wait:timeout", 2, "after 5 s"}) {
		t.Errorf("%+v", f)
	}
	if f := v.Run.RetryAfter; len(f) != 2 || f[0] != (Tally{"0 s", 3, ""}) || f[1].Name != "1 s" {
		t.Errorf("%+v", f)
	}
}

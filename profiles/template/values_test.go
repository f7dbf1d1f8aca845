package template

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"
)

// table is a Source of fixed values by the text of their placeholders. It
// counts how often it is asked.
type table struct {
	values map[string]string
	asked  int
}

func (s *table) Value(dst []byte, r *Ref) ([]byte, bool) {
	s.asked++
	v, ok := s.values[r.Text]
	return append(dst, v...), ok
}

// set numbers the placeholders of text.
func set(t testing.TB, text string) *Set {
	s := &Set{}
	for _, p := range mustParse(t, text).Refs() {
		s.Add(p.Ref)
	}
	return s
}

// value is what placeholder n stands for, as it is.
func value(t testing.TB, v *Values, n int, from Source) string {
	t.Helper()
	text, ok := v.Append(nil, n, Raw, from)
	if !ok {
		t.Fatalf("placeholder %d has no value", n)
	}
	return string(text)
}

// render is the one value of text in a start.
func render(t testing.TB, text string, seed uint64, seq int64) string {
	t.Helper()
	var v Values
	v.Begin(set(t, text), seed, seq)
	return value(t, &v, 0, nil)
}

func TestSameTextIsOnePlaceholder(t *testing.T) {
	s := set(t, "${seq} ${uuid} ${uuid 2} ${ uuid   2 } ${seq} ${a.b}")
	if len(s.Refs()) != 4 {
		t.Fatalf("%d placeholders, want 4", len(s.Refs()))
	}
	var v Values
	v.Begin(s, 1, 7)
	if value(t, &v, 0, nil) != "7" {
		t.Error("seq is not the number of the start")
	}
	if value(t, &v, 1, nil) == value(t, &v, 2, nil) {
		t.Error("uuid 2 is no other uuid")
	}
	before := value(t, &v, 1, nil)
	if value(t, &v, 1, nil) != before {
		t.Error("a uuid is drawn twice in a start")
	}
	v.Begin(s, 1, 8)
	if value(t, &v, 1, nil) == before || value(t, &v, 0, nil) != "8" {
		t.Error("the next start has the values of the one before")
	}
}

func TestAskedOnceUntilForgotten(t *testing.T) {
	from := &table{values: map[string]string{"cart": "first", "header.location": "/a/long/path", "u.id": "7"}}
	s := set(t, "${header.location}${cart}${u.id}${none}")
	var v Values
	v.Begin(s, 1, 1)
	for range 3 {
		for n, want := range []string{"/a/long/path", "first", "7"} {
			if got := value(t, &v, n, from); got != want {
				t.Fatalf("placeholder %d is %q, want %q", n, got, want)
			}
		}
	}
	if from.asked != 3 {
		t.Errorf("asked %d times, want 3", from.asked)
	}
	from.values["cart"], from.values["header.location"] = "second and longer", "/b"
	v.Forget(0)
	if got := value(t, &v, 1, from); got != "first" {
		t.Errorf("forgetting another made it %q", got)
	}
	v.Forget(1)
	v.Forget(1)
	for n, want := range []string{"/b", "second and longer", "7"} {
		if got := value(t, &v, n, from); got != want {
			t.Errorf("placeholder %d is %q, want %q", n, got, want)
		}
	}
	// A start that captures again and again must not grow.
	for range 10_000 {
		v.Forget(0)
		value(t, &v, 0, from)
	}
	if cap(v.buf) > 1000 {
		t.Errorf("the buffer grew to %d bytes", cap(v.buf))
	}
	if dst, ok := v.Append([]byte("x"), 3, Raw, from); ok || string(dst) != "x" {
		t.Errorf("a missing value gave %q, %v", dst, ok)
	}
	from.values["none"] = "now there"
	if value(t, &v, 3, from) != "now there" {
		t.Error("what was missing once is missing for ever")
	}
	for _, n := range []int{-1, 4} {
		if _, ok := v.Append(nil, n, Raw, from); ok {
			t.Errorf("placeholder %d has a value", n)
		}
		v.Forget(n)
	}
	v.Begin(s, 1, 2)
	if _, ok := v.Append(nil, 0, Raw, nil); ok {
		t.Error("there is a value without a source")
	}
}

// TestChanceFollowsFromSeedAndNumber renders the same starts in another order,
// on several goroutines and with the placeholders the other way round.
func TestChanceFollowsFromSeedAndNumber(t *testing.T) {
	const starts = 200
	texts := []string{"${uuid}", "${rand.int 1 1000000000}", "${pick a b c d e f g h}", "${fake.email}", "${fake.address 2}", "${fake.sentence}"}
	forward := set(t, strings.Join(texts, ""))
	backward := &Set{}
	for _, r := range slices.Backward(forward.Refs()) {
		backward.Add(&r)
	}
	want := make([]string, starts)
	var v Values
	for seq := range starts {
		v.Begin(forward, 42, int64(seq))
		for n := range texts {
			want[seq] += value(t, &v, n, nil) + "|"
		}
	}
	got := make([]string, starts)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			var v Values
			for seq := starts - 1 - g; seq >= 0; seq -= 4 {
				v.Begin(backward, 42, int64(seq))
				drawn := make([]string, len(texts))
				for n := range texts {
					text, _ := v.Append(nil, n, Raw, nil)
					drawn[len(texts)-1-n] = string(text)
				}
				got[seq] = strings.Join(drawn, "|") + "|"
			}
		})
	}
	wg.Wait()
	if !slices.Equal(got, want) {
		t.Error("the order of starts or placeholders changes what is drawn")
	}
	slices.Sort(want)
	if len(slices.Compact(want)) != starts {
		t.Error("two starts have the same values")
	}
	if render(t, "${uuid}", 1, 2) == render(t, "${uuid}", 2, 1) || render(t, "${uuid}", 0, 1) == render(t, "${uuid}", 1, 0) {
		t.Error("seed and number are mixed up")
	}
}

func TestUUIDIsVersion4(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for seq := range int64(1000) {
		if u := render(t, "${uuid}", 9, seq); !form.MatchString(u) {
			t.Fatalf("%s is no UUID of version 4", u)
		}
	}
}

func TestRandIntCoversItsEnds(t *testing.T) {
	seen := map[string]int{}
	for seq := range int64(3000) {
		seen[render(t, "${rand.int -1 1}", 3, seq)]++
	}
	if len(seen) != 3 {
		t.Fatalf("drawn: %v", seen)
	}
	for n, count := range seen {
		// A third of 3000, five standard deviations of 26 to each side.
		if count < 870 || count > 1130 {
			t.Errorf("%s came %d times of 3000", n, count)
		}
	}
	const all = "${rand.int -9223372036854775808 9223372036854775807}"
	negative := 0
	for seq := range int64(100) {
		n, err := strconv.ParseInt(render(t, all, 3, seq), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if n < 0 {
			negative++
		}
	}
	if negative < 25 || negative > 75 {
		t.Errorf("%d of 100 are negative", negative)
	}
	if got := render(t, "${rand.int -9223372036854775808 -9223372036854775808}", 3, 1); got != "-9223372036854775808" {
		t.Error(got)
	}
}

func TestPickGivesEachWord(t *testing.T) {
	seen := map[string]bool{}
	for seq := range int64(200) {
		seen[render(t, `${pick red "dark blue" }`, 1, seq)] = true
	}
	if len(seen) != 2 || !seen["red"] || !seen["dark blue"] {
		t.Errorf("picked: %v", seen)
	}
}

func TestNowIsTheTimeOfEachUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := set(t, "${now}${now rfc3339}${now unix}${now unixms}")
		var v Values
		v.Begin(s, 1, 1)
		time.Sleep(1234 * time.Millisecond) // in the bubble no time passes
		// A bubble begins at midnight UTC, 2000-01-01.
		for n, want := range []string{"2000-01-01T00:00:01.234Z", "2000-01-01T00:00:01.234Z", "946684801", "946684801234"} {
			if got := value(t, &v, n, nil); got != want {
				t.Errorf("%s is %s, want %s", s.Refs()[n].Text, got, want)
			}
		}
		time.Sleep(time.Second)
		if got := value(t, &v, 0, nil); got != "2000-01-01T00:00:02.234Z" {
			t.Errorf("a second later it is %s", got)
		}
		if got, _ := v.Append(nil, 0, Query, nil); string(got) != "2000-01-01T00%3A00%3A02.234Z" {
			t.Errorf("behind ? it is %s", got)
		}
	})
}

// TestPeopleAreMadeUp looks at many people: what they have fits together, and
// nothing of theirs can be somebody's.
func TestPeopleAreMadeUp(t *testing.T) {
	text := ""
	for _, n := range FakeNames() {
		text += "${fake." + n + "}"
	}
	text += "${fake.email 2}${fake.name 2}"
	s := set(t, text)
	mail := regexp.MustCompile(`^[a-z]+\.[a-z]+\.[0-9]+@example\.(com|net|org)$`)
	phone := regexp.MustCompile(`^\+1-[2-9][0-9]{2}-555-01[0-9]{2}$`)
	host := regexp.MustCompile(`^[a-z]+\.example$`)
	link := regexp.MustCompile(`^https://www\.[a-z]+\.example/$`)
	emails := map[string]bool{}
	var v Values
	for seq := range int64(3000) {
		v.Begin(s, 5, seq)
		p := map[string]string{}
		for n, r := range s.Refs() {
			p[strings.TrimPrefix(r.Text, "fake.")] = value(t, &v, n, nil)
		}
		for n, got := range p {
			if got == "" || !utf8.ValidString(got) {
				t.Fatalf("%s is %q", n, got)
			}
		}
		if p["name"] != p["first"]+" "+p["last"] {
			t.Fatalf("%s is not %s %s", p["name"], p["first"], p["last"])
		}
		letters := regexp.MustCompile(`[^a-z]`)
		first, last := letters.ReplaceAllString(strings.ToLower(p["first"]), ""), letters.ReplaceAllString(strings.ToLower(p["last"]), "")
		if !mail.MatchString(p["email"]) || !strings.HasPrefix(p["email"], first+"."+last+".") {
			t.Fatalf("the address of %s is %s", p["name"], p["email"])
		}
		if p["username"] != fmt.Sprint(first, last, seq) {
			t.Fatalf("the account of %s is %s", p["name"], p["username"])
		}
		for _, e := range []string{p["email"], p["email 2"]} {
			if emails[e] {
				t.Fatalf("%s is there twice", e)
			}
			emails[e] = true
		}
		if p["address"] != p["street"]+", "+p["city"]+", "+p["state"]+" "+p["zip"] {
			t.Fatalf("%s is not %s in %s", p["address"], p["street"], p["city"])
		}
		if !phone.MatchString(p["phone"]) || !host.MatchString(p["domain"]) || !link.MatchString(p["url"]) {
			t.Fatalf("%s, %s and %s are not reserved", p["phone"], p["domain"], p["url"])
		}
		if _, err := time.Parse(time.DateOnly, p["birthdate"]); err != nil {
			t.Fatal(err)
		}
		for _, n := range []string{"ip", "ipv6"} {
			a, err := netip.ParseAddr(p[n])
			if err != nil || !slices.ContainsFunc([]string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"}, func(net string) bool {
				return netip.MustParsePrefix(net).Contains(a)
			}) {
				t.Fatalf("%s is not kept for documentation (%v)", p[n], err)
			}
		}
	}
}

// hostile are values that want to be more than a value.
var hostile = []string{
	"", "a", ".", "..", "...", ".a", "../../etc/passwd", "a/b?c#d", "100%", "%2F", "a b+c", "größe €",
	"a&b=c;d", "line\r\nX-Evil: 1", "\x00\x01\x1f\x7f", "\"quoted\\\"", "\xff\xfe", "a\xc3", "</script>", "\u2028", "\t", "😀",
	"0", "-0", "7", "007", "1.5", "-1.5e+10", "1e", "1.", ".5", "+1", "--1", "NaN", "true", "false", "null", "True", " 1", "1 ", "{}", "[]",
}

func TestEscapesKeepValuesWhereTheyAre(t *testing.T) {
	for _, s := range hostile {
		checkEscapes(t, s)
	}
	for _, test := range []struct {
		e           Escape
		value, want string
	}{
		{Path, "a/b?c#d e%ä;+", "a%2Fb%3Fc%23d%20e%25%C3%A4%3B%2B"},
		{Path, "user@example.com:1,(2)", "user@example.com:1,(2)"},
		{Path, "..", "%2E%2E"},
		{Query, "a b&c=d+e/ä", "a%20b%26c%3Dd%2Be%2F%C3%A4"},
		{HeaderOf, "a\r\nb\tc\x00ä", "a  b c ä"},
		{JSONText, "a\"b\\c\n\r\t\x01\x7fä\xff", "a\\\"b\\\\c\\n\\r\\t\\u0001\x7fä\ufffd"},
		{JSONBare, "-12.5e3", "-12.5e3"},
		{JSONBare, "true", "true"},
		{JSONBare, "007", `"007"`},
		{JSONBare, "", `""`},
		{JSONBare, "a\"", `"a\""`},
		{Raw, "\x00/\xff", "\x00/\xff"},
	} {
		if got := string(appendEscaped(nil, test.value, test.e)); got != test.want {
			t.Errorf("%q escaped in way %d is %q, want %q", test.value, test.e, got, test.want)
		}
	}
}

// checkEscapes checks that a value comes out of every escape as it went in.
func checkEscapes(t *testing.T, s string) {
	t.Helper()
	valid := strings.ToValidUTF8(s, "\ufffd")
	// ToValidUTF8 replaces a run of wrong bytes at once, JSON each of them.
	if !utf8.ValidString(s) {
		valid = string([]rune(s))
	}
	var back string
	if err := json.Unmarshal([]byte(`"`+string(appendEscaped(nil, s, JSONText))+`"`), &back); err != nil || back != valid {
		t.Errorf("%q within JSON quotes reads as %q (%v)", s, back, err)
	}
	bareText := appendEscaped(nil, []byte(s), JSONBare)
	var any any
	if err := json.Unmarshal(bareText, &any); err != nil {
		// A number may be too large for a float and still be JSON.
		if !json.Valid(bareText) {
			t.Errorf("%q as a JSON value is %s: %v", s, bareText, err)
		}
	}
	if text, ok := any.(string); ok && text != valid {
		t.Errorf("%q as a JSON value reads as %q", s, text)
	} else if !ok && string(bareText) != s {
		t.Errorf("%q as a JSON value is %s", s, bareText)
	}
	path := string(appendEscaped(nil, s, Path))
	if got, err := url.PathUnescape(path); err != nil || got != s {
		t.Errorf("%q in a path reads as %q (%v)", s, got, err)
	}
	u, err := url.Parse("http://h.example/before/" + path + "/after?q=1")
	if err != nil || u.Path != "/before/"+s+"/after" || u.RawQuery != "q=1" || u.Fragment != "" {
		t.Errorf("%q breaks out of its path: %v (%v)", s, u, err)
	} else if segments := strings.Split(u.EscapedPath(), "/"); len(segments) != 4 || segments[2] != path {
		t.Errorf("%q is not one segment of %q", s, u.EscapedPath())
	}
	query := string(appendEscaped(nil, s, Query))
	fields, err := url.ParseQuery("a=1&b=" + query + "&c=3")
	if err != nil || len(fields) != 3 || fields.Get("b") != s {
		t.Errorf("%q breaks out of its query: %v (%v)", s, fields, err)
	}
	for _, c := range appendEscaped(nil, s, HeaderOf) {
		if c < ' ' || c == 0x7f {
			t.Errorf("%q keeps %#x in a header", s, c)
		}
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(checkEscapes)
}

// BenchmarkThree renders a request with three placeholders.
func BenchmarkThree(b *testing.B) {
	for _, text := range []string{
		"${seq}${products.sku}${rand.int 1 1000}",
		"${seq}${products.sku}${uuid}",
		"${fake.email}${fake.name}${fake.address}",
		"${now}",
	} {
		b.Run(strings.NewReplacer("${", "", "}", " ").Replace(text), func(b *testing.B) {
			s, from := set(b, text), Source(&table{values: map[string]string{"products.sku": "A-1234"}})
			var v Values
			var dst []byte
			seq := int64(0)
			b.ReportAllocs()
			for b.Loop() {
				seq++
				v.Begin(s, 1, seq)
				dst = dst[:0]
				for n := range s.Refs() {
					dst, _ = v.Append(dst, n, JSONText, from)
				}
			}
		})
	}
}

// TestRenderingAllocatesNothing holds for fake values as for all others.
func TestRenderingAllocatesNothing(t *testing.T) {
	text := "${seq}${a.b}${uuid}${rand.int 1 9}${pick a b}${now}"
	for _, n := range FakeNames() {
		text += "${fake." + n + "}"
	}
	s, from := set(t, text), Source(&table{values: map[string]string{"a.b": "ä\n\xff"}})
	var v Values
	var dst []byte
	seq := int64(0)
	once := func() {
		seq++
		v.Begin(s, 1, seq)
		dst = dst[:0]
		for n := range s.Refs() {
			for e := Raw; e <= JSONBare; e++ {
				dst, _ = v.Append(dst, n, e, from)
			}
		}
	}
	for range 1000 { // until the buffers have grown
		once()
	}
	if n := testing.AllocsPerRun(200, once); n != 0 {
		t.Errorf("%v allocations a start", n)
	}
}

package feeder

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// rows is all of a table, its columns first.
func rows(t *Table) [][]string {
	all := [][]string{t.Columns}
	for r := range t.Rows() {
		var row []string
		for c := range t.Columns {
			row = append(row, t.Value(r, c))
		}
		all = append(all, row)
	}
	return all
}

func TestFilesAreRead(t *testing.T) {
	tests := []struct {
		name, file, text string
		want             [][]string
	}{
		{"plain", "a.csv", "id,name\n1,Ada\n2,Bo\n", [][]string{{"id", "name"}, {"1", "Ada"}, {"2", "Bo"}}},
		{"no last line end", "a.csv", "id\r\n1", [][]string{{"id"}, {"1"}}},
		{"byte order mark", "a.csv", "\ufeffid,\"n\"\n1,2\n", [][]string{{"id", "n"}, {"1", "2"}}},
		{"quotes", "a.txt", " id , text\n1,\"a, \"\"b\"\"\nc\"\n2, d \n", [][]string{{"id", "text"}, {"1", "a, \"b\"\nc"}, {"2", " d "}}},
		{"empty values and lines", "a.csv", "a,b\n\n,\n\n\"\",x\n", [][]string{{"a", "b"}, {"", ""}, {"", "x"}}},
		{"ndjson", "a.NDJSON", `{"id":1,"u":{"name":"Ada","tags":["x", "y"]},"ok":true}` + "\r\n\n" + `{"u":{"name":"B\u00f6\n","age":1.50},"id":null,"e":{}}`,
			[][]string{{"id", "u.name", "u.tags", "ok", "u.age"}, {"1", "Ada", `["x", "y"]`, "true", ""}, {"", "Bö\n", "", "", "1.50"}}},
		{"jsonl", "a.jsonl", "\ufeff{\"a.b\":\"x\"}\n{\"a\":{\"b\":\"y\"}}\n{}\n", [][]string{{"a.b"}, {"x"}, {"y"}, {""}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Read(test.file, iotest.OneByteReader(strings.NewReader(test.text)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, rows(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			for i, name := range got.Columns {
				if got.Column(name) != i {
					t.Errorf("column %s is %d", name, got.Column(name))
				}
			}
			if got.Column("none") != -1 || got.Value(-1, 0) != "" || got.Value(0, -1) != "" || got.Value(got.Rows(), 0) != "" || got.Value(0, len(got.Columns)) != "" {
				t.Error("there is something outside of the table")
			}
		})
	}
}

func TestMistakesAreToldWithTheirLine(t *testing.T) {
	tests := []struct {
		file, text string
		line       int
		says       string
	}{
		{"a.csv", "", 0, "empty"},
		{"a.csv", "\ufeff", 0, "empty"},
		{"a.csv", "\n\n", 0, "empty"},
		{"a.csv", "a,b\n", 0, "no rows"},
		{"a.csv", "a,,c\n1,2,3\n", 1, "column 2 has no name"},
		{"a.csv", "\n\na, a\n1,2\n", 3, `two columns are called "a"`},
		{"a.csv", "a;b\n1;2\n", 1, "commas"},
		{"a.csv", "a,b\n1,2\n\n3\n", 4, "1 values, the header line has 2: write the comma of an empty value too"},
		{"a.csv", "a,b\n\"1\n\",2\n3,4,5\n", 4, "3 values, the header line has 2"},
		{"a.csv", "a,b\n1,x\"y\n", 2, "not quoted"},
		{"a.csv", "a,b\n1,\"x\n\n", 2, "does not end"},
		{"a.csv", "a,b\n1,\"x\" y\n", 2, "does not end"},
		{"a.csv", "a,b\n1,2\n3,\xff\n", 3, "UTF-8"},
		{"a.csv", "a,\xff\n1,2\n", 1, "UTF-8"},
		{"a.csv", "\xff\xfea\x00\n", 1, "UTF-8"},
		{"a.csv", "\x7fELF\x02\x00\"\xff", 0, "no text"},
		{"a.json", "[\n {\"a\":1},\n {\"a\":2}]", 1, "jq -c"},
		{"a.csv", "{\"a\":1}\n", 1, ".ndjson"},
		{"a.csv", "[a],{b}\n", 0, "no rows"},
		{"a.csv", "a\n" + strings.Repeat("1\n", 101), 102, "more than 100 values"},
		{"a.csv", strings.Repeat("x", 5000), 0, "larger than 4096 bytes"},
		{"a.ndjson", "", 0, "empty"},
		{"a.ndjson", " \n\n", 0, "empty"},
		{"a.ndjson", "{}\n{}\n", 0, "no object has a key"},
		{"a.ndjson", "{\"a\":1}\n[1]\n", 2, "not a JSON object"},
		{"a.ndjson", "\n\n{\"a\":1\n", 3, "not JSON"},
		{"a.ndjson", "{\"a\":1}{\"a\":2}\n", 1, "not JSON"},
		{"a.ndjson", "{\"a\":1,\"a\":2}\n", 1, `"a" is there twice`},
		{"a.ndjson", "{\"a.b\":1,\"a\":{\"b\":2}}\n", 1, `"a.b" is there twice`},
		{"a.ndjson", "{\"\":1}\n", 1, "empty key"},
		{"a.ndjson", "{\"a\":\"\xff\"}\n", 1, "UTF-8"},
		{"a.ndjson", strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40), 1, "nested deeper"},
		{"a.ndjson", "{\"a\":1,\"b\":1,\"c\":1}\n" + strings.Repeat("{}\n", 33), 0, "more than 100 values"},
		{"a.ndjson", strings.Repeat("{\"a\":1}\n", 101), 101, "more than 100 values"},
		{"a.ndjson", strings.Repeat("\n", 4097), 0, "larger than 4096 bytes"},
	}
	for _, test := range tests {
		got, err := read(test.file, strings.NewReader(test.text), 4096, 100)
		var e *Error
		if !errors.As(err, &e) || got != nil {
			t.Errorf("%.30q: %v, want an *Error", test.text, err)
			continue
		}
		if e.Line != test.line || !strings.Contains(e.Error(), test.says) {
			t.Errorf("%.30q: line %d, %q; want %d, %q", test.text, e.Line, e.Error(), test.line, test.says)
		}
	}
	if _, err := read("a.csv", strings.NewReader("a\n"+strings.Repeat("1\n", 100)), 202, 100); err != nil {
		t.Errorf("a file of just the size allowed: %v", err)
	}
	broken := errors.New("broken disk")
	for name, text := range map[string]string{"a.csv": "a\n1\n", "a.ndjson": "{\"a\":1}\n"} {
		if _, err := Read(name, io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken))); !errors.Is(err, broken) {
			t.Errorf("%s: %v, want the reader's error", name, err)
		}
	}
}

func table(n int) *Table { return &Table{Columns: []string{"a"}, rows: n} }

func TestOrders(t *testing.T) {
	take := func(c *Cursor, n int) (got []int) {
		rng := rand.New(rand.NewPCG(1, 2))
		for range n {
			row, ok := c.Next(rng)
			if !ok {
				row = -1
			}
			got = append(got, row)
		}
		return got
	}
	for _, test := range []struct {
		order          Order
		rows, own, all int
		want           []int
	}{
		{Sequential, 3, 0, 1, []int{0, 1, 2, 0, 1}},
		{Sequential, 5, 1, 2, []int{1, 3, 1, 3, 1}},
		{Unique, 3, 0, 1, []int{0, 1, 2, -1, -1}},
		{Unique, 7, 2, 3, []int{2, 5, -1, -1, -1}},
		{Unique, 2, 2, 3, []int{-1, -1, -1, -1, -1}},
		{Sequential, 2, 2, 3, []int{-1, -1, -1, -1, -1}},
		{Random, 2, 2, 3, []int{-1, -1, -1, -1, -1}},
		{Random, 1, 0, 1, []int{0, 0, 0, 0, 0}},
		{Sequential, 2, 5, 0, []int{0, 1, 0, 1, 0}},
		{"", 2, -1, 2, []int{1, 1, 1, 1, 1}},
	} {
		if got := take(NewCursor(table(test.rows), test.order, test.own, test.all), 5); !slices.Equal(got, test.want) {
			t.Errorf("%s %d of %d over %d rows: %v, want %v", test.order, test.own, test.all, test.rows, got, test.want)
		}
	}
	seen := map[int]int{}
	for _, row := range take(NewCursor(table(10), Random, 1, 2), 5000) {
		seen[row]++
	}
	for _, row := range []int{1, 3, 5, 7, 9} {
		// A fifth of 5000, five standard deviations of 28 to each side.
		if seen[row] < 860 || seen[row] > 1140 {
			t.Errorf("row %d came %d times of 5000", row, seen[row])
		}
	}
	if len(seen) != 5 {
		t.Errorf("rows of another share: %v", seen)
	}
	c := NewCursor(table(7), Unique, 0, 2)
	take(c, 3)
	if c.Share() != 4 || c.Left() != 1 {
		t.Errorf("%d of %d left", c.Left(), c.Share())
	}
	take(c, 3)
	if c.Left() != 0 {
		t.Errorf("%d left of a used up cursor", c.Left())
	}
}

// TestSharesPartitionTheRows takes all rows of four generators, each from many
// goroutines at once: each row comes once.
func TestSharesPartitionTheRows(t *testing.T) {
	const n, generators, workers = 4_000_003, 4, 4
	times := make([]uint8, n)
	for g := range generators {
		c := NewCursor(table(n), Unique, g, generators)
		start := make(chan struct{})
		given := make([][]int, workers)
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				<-start
				for row, ok := c.Next(nil); ok; row, ok = c.Next(nil) {
					given[w] = append(given[w], row)
				}
			})
		}
		close(start)
		wg.Wait()
		for _, row := range slices.Concat(given...) {
			if row%generators != g {
				t.Fatalf("row %d went to generator %d", row, g)
			}
			times[row]++
		}
	}
	for row, count := range times {
		if count != 1 {
			t.Fatalf("row %d was given %d times", row, count)
		}
	}
}

func TestNextAndValueAllocateNothing(t *testing.T) {
	read, err := Read("a.csv", strings.NewReader("a,b\n1,2\n3,4\n"))
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, order := range []Order{Sequential, Random, Unique} {
		c := NewCursor(read, order, 0, 1)
		if n := testing.AllocsPerRun(100, func() {
			row, _ := c.Next(rng)
			_ = read.Value(row, 1)
		}); n != 0 {
			t.Errorf("%s: %v allocations", order, n)
		}
	}
}

// FuzzCSV compares with what encoding/csv makes of the file.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\ufeffa\n\"x\"\"\ny\"\n", "a\n\n1\r\n", "a,a\n", "a,b\n1\n", "\xff", "\"a\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Read("a.csv", strings.NewReader(text))
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Line < 0 || e.Line > strings.Count(text, "\n")+1 {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		want, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, byteOrderMark))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i, name := range want[0] {
			want[0][i] = strings.TrimSpace(name)
		}
		if diff := cmp.Diff(want, rows(got)); diff != "" {
			t.Fatalf("%q (-want +got)\n%s", text, diff)
		}
	})
}

// FuzzNDJSON checks flat objects against encoding/json, and all others for
// panics.
func FuzzNDJSON(f *testing.F) {
	for _, s := range []string{`{"a":1}`, `{"a":"x","b":null}` + "\n" + `{"b":[1, 2]}`, `{"a":{"b":{}}}`, `{"a":"\ud800"}`, "{", "{\"a\":1,\"a\":2}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Read("a.ndjson", strings.NewReader(text))
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		row := 0
		for line := range strings.Lines(strings.TrimPrefix(text, byteOrderMark)) {
			if line = string(bytes.TrimSpace([]byte(line))); line == "" {
				continue
			}
			var object map[string]any
			if err := json.Unmarshal([]byte(line), &object); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			for key, v := range object {
				want, ok := v.(string)
				if _, nested := v.(map[string]any); nested || strings.ContainsRune(key, utf8.RuneError) {
					continue
				}
				column := got.Column(key)
				if column < 0 {
					t.Fatalf("%q: no column %q", text, key)
				}
				value := got.Value(row, column)
				if ok && !strings.ContainsRune(want, utf8.RuneError) && value != want || v == nil && value != "" {
					t.Fatalf("%q: %q is %q in row %d, want %v", text, key, value, row, v)
				}
			}
			row++
		}
		if row != got.Rows() {
			t.Fatalf("%q: %d rows, want %d", text, got.Rows(), row)
		}
	})
}

func BenchmarkNext(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, order := range []Order{Sequential, Random, Unique} {
		b.Run(string(order), func(b *testing.B) {
			c := NewCursor(table(1000), order, 1, 2)
			b.ReportAllocs()
			for b.Loop() {
				c.Next(rng)
			}
		})
	}
}

// BenchmarkRead reads 100,000 rows of three columns.
func BenchmarkRead(b *testing.B) {
	var c, j bytes.Buffer
	c.WriteString("id,sku,name\n")
	for i := range 100_000 {
		fmt.Fprintf(&c, "%d,A-%d,\"Item, number %d\"\n", i, i, i)
		fmt.Fprintf(&j, "{\"id\":%d,\"sku\":\"A-%d\",\"name\":\"Item, number %d\"}\n", i, i, i)
	}
	for name, file := range map[string][]byte{"a.csv": c.Bytes(), "a.ndjson": j.Bytes()} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				if _, err := Read(name, bytes.NewReader(file)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package engine

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"stoke/profiles"
)

var update = flag.Bool("update", false, "write the golden files")

// The result is what scripts read: its bytes are fixed. A field that moves,
// changes its name or its unit is a new version of the schema.
func TestResultIsGolden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		f := &fakeTransport{service: func(time.Duration) (time.Duration, int) {
			n++ // one at a time: the rate is far below what one slot takes
			return ms(float64(1 + n%5)), []int{200, 200, 201, 500, 429}[n%5]
		}}
		p := testProfile(t, 4, "rate 50", "hold 2s", `mark "half"`, "rate 100 over 1s", "concurrency 8", "hold 20s")
		p.Name = "golden"
		p.Requests = append(p.Requests, profiles.Request{Name: "two", Weight: 1, Method: "POST", Path: "/two", Body: "x"})
		r := begin(t, f, Options{Profile: p, ID: "20261123-081500-golden", Seed: 7, EndWithPhases: true})
		<-r.Done()
		law(t, r.Snapshot())
		got, err := r.Result().JSON()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", "result.json")
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), string(got)); d != "" {
			t.Errorf("the result changed (-update writes it anew):\n%s", d)
		}
	})
}

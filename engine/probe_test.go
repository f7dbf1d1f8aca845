package engine

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"stoke/profiles"
)

// The probe of a profile with placeholders is the first start's request, and
// takes nothing away from the run.
func TestProbeFillsPlaceholders(t *testing.T) {
	asked := make(chan string, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) { asked <- q.URL.RequestURI() }))
	defer srv.Close()
	p := testProfile(t, 1)
	p.Target = srv.URL
	p.Timeout = 5 * time.Second
	p.Requests = []profiles.Request{{Name: "one", Weight: 1, Method: "GET", Path: "/items/${seq}"}}
	r, err := New(context.Background(), Options{Profile: p, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	probe := r.Probe(context.Background())
	if probe.Err != "" || probe.Status != 200 || probe.Request != "GET /items/${seq}" {
		t.Errorf("%+v", probe)
	}
	if n := len(asked); n != 1 {
		t.Fatalf("the target was asked %d times, want once", n)
	}
	if got := <-asked; got != "/items/1" {
		t.Errorf("the target was asked for %s", got)
	}
}

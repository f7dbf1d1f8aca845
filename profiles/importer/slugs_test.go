package importer

import (
	"fmt"
	"strings"
	"testing"
)

// TestSlugs: paths that differ in one part, of which many are titles or numbers
// with letters, are one request with data; the words of an API stay requests of
// their own.
func TestSlugs(t *testing.T) {
	var log strings.Builder
	ask := func(path string) {
		fmt.Fprintf(&log, "::1 - - [24/Nov/2026:10:00:00 +0000] \"GET %s HTTP/1.1\" 200 1\n", path)
	}
	for i := range 20 {
		ask(fmt.Sprintf("/blog/2026/how-to-bake-%c", 'a'+i))
		ask(fmt.Sprintf("/shop/caf%%C3%%A9-and-bar/items?page=%d", i))
		ask(fmt.Sprintf("/ask/what%%3F-%c", 'a'+i))
		ask(fmt.Sprintf("/team%d/members", i))
		ask(fmt.Sprintf("/users/ann%d/posts/on-the-%c-road", i, 'a'+i))
		ask("/api/list" + strings.Repeat("a", i))
		ask("/api/order-items")
	}
	ask("/blog/2026/archive")
	ask("/blog/2026/hello-world")
	ask("/blog/2026/")
	r, err := AccessLog(strings.NewReader(log.String()), Options{Target: "http://127.0.0.1:1", Top: 100})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, q := range r.Profile.Requests {
		got[q.Path] = q.Weight
	}
	for path, weight := range map[string]float64{
		"/blog/2026/${blog.id2}": 21, "/blog/2026/archive": 1, "/blog/2026/": 1, "/users/${users_posts.id}/posts/${users_posts.id2}": 20,
		"/shop/caf%C3%A9-and-bar/items?page=${shop_caf_c3_a9_and_bar_items.page}": 20, "/api/order-items": 20, "/api/list": 1, "/api/listaaa": 1, "/team7/members": 1,
	} {
		if got[path] != weight {
			t.Errorf("%s has weight %g, want %g", path, got[path], weight)
		}
	}
	for _, f := range r.Files {
		if data := string(f.Data); strings.HasSuffix(f.Name, "-users_posts.csv") && !strings.Contains(data, "ann3,on-the-d-road\n") || strings.HasSuffix(f.Name, "-ask.csv") && !strings.Contains(data, "what?-a\n") {
			t.Errorf("%s holds %s", f.Name, data)
		}
	}
	if t.Failed() {
		t.Log(text(r))
	}
	checkMeant(t, r)
}

// TestManySlugs: a log with more titles than kinds of requests are kept in mind
// loses none of its requests.
func TestManySlugs(t *testing.T) {
	var log strings.Builder
	const n = 2*maxShapes + 5
	for i := range n {
		fmt.Fprintf(&log, "::1 - - [24/Nov/2026:10:00:00 +0000] \"GET /blog/on-the-%d HTTP/1.1\" 200 1\n", i)
	}
	r, err := AccessLog(strings.NewReader(log.String()), Options{Target: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	if q := r.Profile.Requests; len(q) != 1 || q[0].Weight != n {
		t.Errorf("%d requests, the first %s with weight %g, want %d", len(q), q[0].Path, q[0].Weight, n)
	}
	if all := text(r); !strings.Contains(all, "the titles or names in paths like \"GET /blog/{id}\" became data") {
		t.Errorf("no note of it: %v", r.Notes)
	}
}

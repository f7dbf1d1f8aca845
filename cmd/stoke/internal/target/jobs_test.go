package target

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// said is the field of an answer in JSON.
func said(t *testing.T, w *httptest.ResponseRecorder, field string) string {
	t.Helper()
	var body map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	text, _ := body[field].(string)
	return text
}

func TestJobIsQueuedRunsAndIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := New(Config{JobTime: Latency{Median: time.Second}, JobWorkers: 2, Latency: Latency{Median: 10 * time.Millisecond}})
		var places []string
		for range 5 {
			w := ask(target, "POST", "/process")
			place := w.Header().Get("Location")
			if w.Code != 202 || said(t, w, "status") != "queued" || place != "/jobs/"+said(t, w, "id") {
				t.Fatalf("%d %q %s", w.Code, place, w.Body)
			}
			places = append(places, place)
		}
		// Accepted 10 ms apart from 10 ms on, worked on two at a time. The poll
		// that says so is answered 10 ms after it was asked.
		for _, c := range []struct {
			at   time.Duration
			want string
		}{
			{100 * time.Millisecond, "running running queued queued queued"},
			{1100 * time.Millisecond, "done done running running queued"},
			{2100 * time.Millisecond, "done done done done running"},
			{3100 * time.Millisecond, "done done done done done"},
			{62 * time.Second, "  done done done"},
			{64 * time.Second, "    "},
		} {
			time.Sleep(c.at - time.Since(target.began) - 10*time.Millisecond)
			var got []string
			for _, place := range places {
				_, id, _ := strings.Cut(place, "/jobs/")
				word, _ := target.shop.jobs.state(id, c.at)
				got = append(got, word)
			}
			if polled := ask(target, "GET", places[4]); polled.Code == 200 && said(t, polled, "status") != got[4] || polled.Code == 200 == (got[4] == "") {
				t.Errorf("at %v: a poll brings %d %s, want %q", c.at, polled.Code, polled.Body, got[4])
			}
			if got := strings.Join(got, " "); got != c.want {
				t.Errorf("at %v: %q, want %q", c.at, got, c.want)
			}
		}
		if w := ask(target, "POST", "/process"); said(t, w, "id") != "6" || len(target.shop.jobs.list) != 1 {
			t.Errorf("%s, %d jobs kept", w.Body, len(target.shop.jobs.list))
		}
	})
}

func TestJobsFailByTheirShare(t *testing.T) {
	jobs := newJobs(&Config{JobFail: 0.25, Seed: 7})
	const n = 20_000
	failed := 0
	for range n {
		number, _ := jobs.add(0)
		switch word, _ := jobs.state(strconv.FormatInt(number, 10), time.Second); word {
		case "failed":
			failed++
		case "done":
		default:
			t.Fatalf("job %d is %q", number, word)
		}
	}
	if got := float64(failed) / n; got < 0.235 || got > 0.265 { // five standard errors
		t.Errorf("%.3f failed, want 0.25", got)
	}
}

func TestJobsThatWaitAreBounded(t *testing.T) {
	target := New(Config{JobTime: Latency{Median: time.Hour}, JobWorkers: 1})
	for range maxJobs {
		target.shop.jobs.add(0)
	}
	w := ask(target, "POST", "/process")
	if w.Code != 503 || w.Header().Get("Retry-After") != "1" {
		t.Errorf("one job too many: %d %v", w.Code, w.Header())
	}
	// The first has ended: its place is free, although it would be kept.
	if n, ok := target.shop.jobs.add(time.Hour); !ok || n != maxJobs+1 {
		t.Errorf("job %d, %v after one has ended", n, ok)
	}
}

func TestUnknownJobsAndCarts(t *testing.T) {
	target := New(Config{})
	ask(target, "POST", "/process")
	ask(target, "POST", "/carts")
	for _, c := range [][2]string{
		{"GET", "/jobs/2"}, {"GET", "/jobs/0"}, {"GET", "/jobs/-1"}, {"GET", "/jobs/"}, {"GET", "/jobs/x"}, {"GET", "/jobs/99999999999999999999"}, {"POST", "/jobs/1"},
		{"GET", "/process"}, {"POST", "/carts/2/checkout"}, {"POST", "/carts/0/items"}, {"POST", "/carts/x/items"}, {"POST", "/carts/1"}, {"POST", "/carts/1/pay"}, {"GET", "/carts/1/items"},
	} {
		if w := ask(target, c[0], c[1]); w.Code != 404 || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %s: %d %s, want 404", c[0], c[1], w.Code, w.Body)
		}
	}
}

func TestCheckoutWantsTheCookieOfItsCart(t *testing.T) {
	target := New(Config{Seed: 3})
	post := func(path string, cookies ...*http.Cookie) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", path, nil)
		for _, c := range cookies {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		target.ServeHTTP(w, r)
		return w
	}
	mine, others := post("/carts"), post("/carts")
	if mine.Code != 201 || len(mine.Result().Cookies()) != 1 {
		t.Fatalf("%d %v", mine.Code, mine.Header())
	}
	cookie, other := mine.Result().Cookies()[0], others.Result().Cookies()[0]
	cart := "/carts/" + said(t, mine, "id")
	for _, c := range []struct {
		path    string
		cookies []*http.Cookie
		status  int
		body    string
	}{
		{cart + "/items", nil, 401, "error"},
		{cart + "/items", []*http.Cookie{cookie}, 201, `"items":1`},
		{cart + "/items", []*http.Cookie{cookie}, 201, `"items":2`},
		{cart + "/checkout", []*http.Cookie{other}, 401, "error"},
		{cart + "/checkout", []*http.Cookie{cookie}, 200, `"items":2`},
		{"/carts/77/checkout", []*http.Cookie{cookie}, 404, "error"},
	} {
		if w := post(c.path, c.cookies...); w.Code != c.status || !strings.Contains(w.Body.String(), c.body) {
			t.Errorf("%s with %v: %d %s, want %d with %s", c.path, c.cookies, w.Code, w.Body, c.status, c.body)
		}
	}
	for range maxCarts {
		target.shop.carts.open()
	}
	if w := post(cart+"/checkout", cookie); w.Code != 404 {
		t.Errorf("a cart that was forgotten: %d", w.Code)
	}
	if n := len(target.shop.carts.items); n != maxCarts {
		t.Errorf("%d carts are kept, want %d", n, maxCarts)
	}
}

// A job is made by an answer that says so: what is refused or fails makes none.
func TestRefusedRequestsQueueNoJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := New(Config{RateLimit: 1, Burst: 1, RetryDate: true})
		ask(target, "POST", "/process")
		w := ask(target, "POST", "/process")
		if w.Code != 429 || len(target.shop.jobs.list) != 1 {
			t.Errorf("%d, %d jobs", w.Code, len(target.shop.jobs.list))
		}
		at, err := http.ParseTime(w.Header().Get("Retry-After"))
		if err != nil || at.Before(time.Now().Add(time.Second).Truncate(time.Second)) || at.After(time.Now().Add(2*time.Second)) {
			t.Errorf("Retry-After %q at %v: %v", w.Header().Get("Retry-After"), time.Now(), err)
		}
		failing := New(Config{Errors: 1})
		if w := ask(failing, "POST", "/process"); w.Code != 500 || len(failing.shop.jobs.list) != 0 {
			t.Errorf("%d, %d jobs", w.Code, len(failing.shop.jobs.list))
		}
	})
}

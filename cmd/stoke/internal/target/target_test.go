package target

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// ask sends one request straight to the handler.
func ask(t *Target, method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	t.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

func TestShopAnswersEachPath(t *testing.T) {
	target := New(Config{})
	for _, c := range []struct {
		method, path string
		status       int
		body         string
	}{
		{"GET", "/", 200, `"shop":"stoke"`},
		{"GET", "/products", 200, `"id":20`},
		{"HEAD", "/products", 200, ``},
		{"GET", "/products/7", 200, `"id":7`},
		{"GET", "/products/0", 404, `"error"`},
		{"GET", "/products/x", 404, `"error"`},
		{"GET", "/search?q=lamp%20", 200, `lamp 5`},
		{"GET", "/search?q=%22%3C", 200, `"found":[]`},
		{"POST", "/cart", 201, `"cart"`},
		{"GET", "/cart", 404, `"error"`},
		{"POST", "/checkout", 200, `"order"`},
		{"GET", "/health", 200, `"ok"`},
		{"DELETE", "/", 404, `"error"`},
		{"GET", "/nothing/here", 404, `"error":"not found"`},
	} {
		w := ask(target, c.method, c.path)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.body) {
			t.Errorf("%s %s: %d %s, want %d with %s", c.method, c.path, w.Code, w.Body, c.status, c.body)
		}
		if !json.Valid(w.Body.Bytes()) || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s %s: not JSON: %s", c.method, c.path, w.Body)
		}
	}
}

func TestRateLimitAdmitsBurstThenRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := New(Config{RateLimit: 2, Burst: 5})
		admitted := func(n int) (ok int) {
			for range n {
				if ask(target, "GET", "/").Code == 200 {
					ok++
				}
			}
			return ok
		}
		if got := admitted(20); got != 5 {
			t.Errorf("at once: %d admitted, want the burst of 5", got)
		}
		if got := ask(target, "GET", "/").Header().Get("Retry-After"); got != "1" {
			t.Errorf("Retry-After %q, want whole seconds, rounded up: 1", got)
		}
		time.Sleep(2 * time.Second)
		if got := admitted(20); got != 4 {
			t.Errorf("after 2 s: %d admitted, want 4", got)
		}
		if got := ask(target, "GET", "/health").Code; got != 200 {
			t.Errorf("/health is limited: %d", got)
		}
		if c := target.Counts(); c.Requests != 42 || c.Status[200] != 10 || c.Status[429] != 32 {
			t.Errorf("counts %+v", c)
		}
	})
}

func TestStallHoldsEveryHandlerToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := New(Config{StallFor: time.Second, StallEvery: 10 * time.Second, Latency: Latency{Median: 100 * time.Millisecond}})
		began := time.Now()
		for _, c := range []struct{ at, want time.Duration }{
			{0, 100 * time.Millisecond},                        // healthy at the start
			{8950 * time.Millisecond, 1050 * time.Millisecond}, // at work when the stall begins
			{19500 * time.Millisecond, 600 * time.Millisecond}, // arrives in the second stall
		} {
			time.Sleep(c.at - time.Since(began))
			asked := time.Now()
			ask(target, "GET", "/")
			if took := time.Since(asked); took != c.want {
				t.Errorf("asked at %v: took %v, want %v", c.at, took, c.want)
			}
		}
		time.Sleep(29500*time.Millisecond - time.Since(began))
		asked := time.Now()
		ask(target, "GET", "/health")
		if took := time.Since(asked); took != 500*time.Millisecond {
			t.Errorf("/health took %v in a stall, want to its end", took)
		}
	})
}

func TestCapacityQueues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := New(Config{Capacity: 2, Latency: Latency{Median: time.Second}})
		began := time.Now()
		ended := make(chan time.Duration, 6)
		for range 6 {
			go func() {
				ask(target, "GET", "/")
				ended <- time.Since(began)
			}()
		}
		for i := range 6 {
			if got, want := <-ended, time.Duration(1+i/2)*time.Second; got != want {
				t.Errorf("answer %d after %v, want %v", i, got, want)
			}
		}
	})
}

func TestGoneClientGivesItsWorkerBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := New(Config{Capacity: 1, Latency: Latency{Median: time.Hour}})
		ctx, cancel := context.WithCancel(t.Context())
		for range 3 {
			go target.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil).WithContext(ctx))
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		if c := target.Counts(); c.Gone != 3 || c.Requests != 3 || len(target.workers) != 0 {
			t.Errorf("counts %+v, %d workers busy", c, len(target.workers))
		}
	})
}

func TestLognormalHasItsMedianAndMean(t *testing.T) {
	l := Latency{Median: 20 * time.Millisecond, Sigma: 0.8}
	target := New(Config{Latency: l, Errors: 0.05, Seed: 3})
	const n = 100_000
	below, failed, sum := 0, 0, 0.0
	for range n {
		d, f := target.draw()
		if d < l.Median {
			below++
		}
		if f {
			failed++
		}
		sum += float64(d)
	}
	// five standard errors of a share of n draws
	if got := float64(below) / n; math.Abs(got-0.5) > 5*0.5/math.Sqrt(n) {
		t.Errorf("%.4f of the draws below the median, want one half", got)
	}
	if got := float64(failed) / n; math.Abs(got-0.05) > 5*0.22/math.Sqrt(n) {
		t.Errorf("%.4f failed, want 0.05", got)
	}
	if got, want := sum/n, float64(l.Mean()); math.Abs(got/want-1) > 0.02 {
		t.Errorf("mean %.3f ms, want %.3f", got/1e6, want/1e6)
	}
	if again, _ := New(Config{Latency: l, Errors: 0.05, Seed: 3}).draw(); again != first(Config{Latency: l, Errors: 0.05, Seed: 3}) {
		t.Error("the same seed draws something else")
	}
}

func first(c Config) time.Duration {
	d, _ := New(c).draw()
	return d
}

func TestLogHasALinePerRequest(t *testing.T) {
	var log bytes.Buffer
	target := New(Config{Log: &log, Errors: 0.3, Seed: 1})
	server := httptest.NewUnstartedServer(target)
	server.Config.ConnContext = target.server.ConnContext
	server.Start()
	seqs := []string{"1", "2", `a"b`, "4", "5"}
	before := time.Now().UnixNano()
	for _, seq := range seqs {
		r, err := http.NewRequest("GET", server.URL+"/products", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Seq", seq)
		answer, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
	}
	server.Close()
	if err := target.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	byStatus := map[int]int64{}
	lines := bufio.NewScanner(&log)
	n := 0
	for ; lines.Scan(); n++ {
		var e struct {
			Seq                string
			Conn               int64
			Arrival, Departure int64
			Status             int
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("line %d: %v: %s", n+1, err, lines.Bytes())
		}
		if e.Seq != seqs[n] || e.Conn != 1 || e.Arrival < before || e.Departure < e.Arrival {
			t.Errorf("line %d: %+v", n+1, e)
		}
		byStatus[e.Status]++
	}
	counts := target.Counts()
	if n != len(seqs) || counts.Connections != 1 || byStatus[200] != counts.Status[200] || byStatus[500] != counts.Status[500] {
		t.Errorf("%d lines %v, counts %+v", n, byStatus, counts)
	}
}

func TestSettingsParse(t *testing.T) {
	for text, want := range map[string]Latency{
		"0":                  {},
		"20ms":               {Median: 20 * time.Millisecond},
		"lognormal 20ms 0.8": {Median: 20 * time.Millisecond, Sigma: 0.8},
	} {
		got, err := ParseLatency(text)
		if err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
		if again, err := ParseLatency(got.String()); err != nil || again != got {
			t.Errorf("%q prints as %q, which reads back as %v, %v", text, got, again, err)
		}
	}
	for _, text := range []string{"", "20", "-1ms", "2h", "normal 20ms 1", "lognormal 20ms", "lognormal 20ms x", "lognormal 20ms NaN", "lognormal 20ms -1"} {
		if got, err := ParseLatency(text); err == nil {
			t.Errorf("latency %q is accepted as %v", text, got)
		}
	}
	if length, every, err := ParseStall("1s every 10s"); length != time.Second || every != 10*time.Second || err != nil {
		t.Errorf("stall: %v %v %v", length, every, err)
	}
	for _, text := range []string{"", "1s", "1s every", "10s every 1s", "1s every 1s", "0 every 1s"} {
		if _, _, err := ParseStall(text); err == nil {
			t.Errorf("stall %q is accepted", text)
		}
	}
	for text, want := range map[string]float64{"1%": 0.01, "0.5 %": 0.005, "0.25": 0.25, "0": 0, "100%": 1} {
		if got, err := ParseShare(text); err != nil || math.Abs(got-want) > 1e-12 {
			t.Errorf("share %q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "1", "2", "101%", "-1%", "NaN", "x"} {
		if got, err := ParseShare(text); err == nil && text != "1" {
			t.Errorf("share %q is accepted as %v", text, got)
		}
	}
}

func BenchmarkServe(b *testing.B) {
	target := New(Config{})
	r := httptest.NewRequest("GET", "/products", nil)
	w := httptest.NewRecorder()
	b.ReportAllocs()
	for b.Loop() {
		w.Body.Reset()
		target.ServeHTTP(w, r)
	}
}

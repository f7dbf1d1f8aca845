package panel

import (
	"cmp"
	"slices"
	"strings"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui/canvas"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// Sort is an order of the endpoints.
type Sort uint8

// The orders, in the order of the key that changes them.
const (
	ByWorst Sort = iota // share of those that did not succeed, then p99
	ByName
	ByDone
	ByP50
	ByP99
	ByFailed
	ByThrottled
	NumSorts
)

// String is the order in words, for a title.
func (o Sort) String() string {
	return [...]string{"worst first", "by name", "most done first", "highest p50 first", "highest p99 first", "most failed first", "most throttled first"}[o%NumSorts]
}

// Order sorts endpoints. A picture that keeps the order for some seconds is
// easier to read: keep the slice and pass it on.
func Order(es []measure.Endpoint, by Sort) []string {
	if by%NumSorts == ByWorst {
		return WorstFirst(es)
	}
	key := func(e *measure.Endpoint) int64 {
		switch by {
		case ByDone:
			return e.Stats.Done()
		case ByP50:
			return e.Stats.Response.P[measure.P50]
		case ByP99:
			return e.Stats.Response.P[measure.P99]
		case ByFailed:
			return e.Stats.Failed()
		case ByThrottled:
			return e.Stats.Limited
		}
		return 0
	}
	sorted := slices.Clone(es)
	slices.SortStableFunc(sorted, func(a, b measure.Endpoint) int {
		return cmp.Or(cmp.Compare(key(&b), key(&a)), cmp.Compare(a.Name, b.Name))
	})
	names := make([]string, len(sorted))
	for i := range sorted {
		names[i] = sorted[i].Name
	}
	return names
}

// Selection is which endpoints a view shows and which is chosen.
type Selection struct {
	Order  []string // from [Order]; nil sorts what is shown now
	SortBy Sort
	Filter string // part of a name, in any case
	Chosen int    // row among those shown
}

// pick returns the endpoints that are shown, in their order.
func (x Selection) pick(s *engine.Snapshot) []*measure.Endpoint {
	g := subjectOf(s).segment
	if g == nil {
		return nil
	}
	order := x.Order
	if order == nil {
		order = Order(g.Endpoints, x.SortBy)
	}
	at := make(map[string]*measure.Endpoint, len(g.Endpoints))
	for i := range g.Endpoints {
		at[g.Endpoints[i].Name] = &g.Endpoints[i]
	}
	var out []*measure.Endpoint
	want := strings.ToLower(x.Filter)
	for _, n := range order {
		if e := at[n]; e != nil && strings.Contains(strings.ToLower(n), want) {
			out = append(out, e)
		}
	}
	return out
}

// EndpointCount is the number of the profile's requests.
func EndpointCount(s *engine.Snapshot) int {
	if g := subjectOf(s).segment; g != nil {
		return len(g.Endpoints)
	}
	return 0
}

// EndpointRows is the number of endpoints that a selection shows.
func EndpointRows(s *engine.Snapshot, x Selection) int { return len(x.pick(s)) }

// EndpointTable draws all that is known about the requests of the profile.
func EndpointTable(r canvas.Region, s *engine.Snapshot, x Selection) {
	es := x.pick(s)
	g := subjectOf(s).segment
	all := 0
	if g != nil {
		all = len(g.Endpoints)
	}
	title := x.SortBy.String() + ", " + subjectOf(s).title()
	if x.Filter != "" {
		title = units.Count(int64(len(es))) + " of " + units.Count(int64(all)) + ` with "` + canvas.Shorten(x.Filter, 20) + `", ` + x.SortBy.String()
	}
	in := r.Box("ENDPOINTS", title)
	heads := []string{"name", "done", "of all", "OK", "p50", "p95", "p99", "max", "service p99", "failed", "throttled"}
	if i := [...]int{-1, 0, 1, 4, 6, 9, 10}[x.SortBy%NumSorts]; i >= 0 {
		heads[i] = "↓" + heads[i]
	}
	t := newTable(in.W,
		column{head: heads[0], w: 14, left: true, flex: true},
		column{head: heads[1], w: 9, rank: 2},
		column{head: heads[2], w: 7, rank: 7},
		column{head: heads[3], w: 7, rank: 1},
		column{head: heads[4], w: 8, rank: 4},
		column{head: heads[5], w: 8, rank: 8},
		column{head: heads[6], w: 8},
		column{head: heads[7], w: 8, rank: 9},
		column{head: heads[8], w: 12, rank: 10},
		column{head: heads[9], w: 8, rank: 3},
		column{head: heads[10], w: 10, rank: 5},
	)
	t.heads(in, 0)
	if len(es) == 0 {
		words := "nothing was asked yet"
		if x.Filter != "" && all > 0 {
			words = "no name contains that: esc shows all"
		}
		in.Text(2, 1, theme.Dim, words)
		return
	}
	var done int64
	if g != nil {
		done = g.Stats.Done()
	}
	chosen := clampRow(x.Chosen, len(es))
	h := in.H - 1
	from := window(len(es), h, chosen)
	for i := from; i < min(from+h, len(es)); i++ {
		e, y := es[i], 1+i-from
		c := &e.Stats.Counts
		name := theme.Text
		if i == chosen {
			name = theme.Chosen
		}
		mark(in, y, i == chosen)
		t.put(in, 0, y, name, e.Name)
		t.put(in, 1, y, theme.Text, units.NumberIn(e.Rates.Done, 7)+"/s")
		t.put(in, 2, y, theme.Dim, units.Percent(c.Done(), done))
		ok, of := success(c)
		t.put(in, 3, y, theme.Text, units.Percent(ok, of))
		for k, p := range [4]int{measure.P50, measure.P95, measure.P99, -1} {
			t.cell(in, 4+k, y, cellOf(&e.Stats.Response, p, 0, false, theme.Text), dagger(c, p))
		}
		t.cell(in, 8, y, cellOf(&e.Stats.Service, measure.P99, 0, false, theme.Dim), false)
		t.put(in, 9, y, alarm(c.Failed()), units.CountIn(c.Failed(), 8))
		t.put(in, 10, y, alarm(c.Limited), units.CountIn(c.Limited, 8))
	}
	more(r, len(es), h, from)
}

// more says in the lower edge that a list goes on.
func more(r canvas.Region, n, h, from int) {
	above, below := from, n-h-from
	switch {
	case n <= h:
	case above > 0 && below > 0:
		r.Foot(theme.Dim, "↑ "+units.Count(int64(above))+" more, ↓ "+units.Count(int64(below))+" more")
	case above > 0:
		r.Foot(theme.Dim, "↑ "+units.Count(int64(above))+" more")
	default:
		r.Foot(theme.Dim, "↓ "+units.Count(int64(below))+" more")
	}
}

// EndpointDetailHeight is the least rows of the box.
const EndpointDetailHeight = 6

// EndpointDetail draws the codes and faults of the chosen endpoint.
func EndpointDetail(r canvas.Region, s *engine.Snapshot, x Selection) {
	es := x.pick(s)
	if len(es) == 0 {
		r.Box("ENDPOINT")
		return
	}
	e := es[clampRow(x.Chosen, len(es))]
	if r.W >= 100 {
		right := 46
		rungsOf(r.Sub(r.W-right, 0, right, r.H), e)
		r = r.Sub(0, 0, r.W-right, r.H)
	}
	in := r.Box(canvas.Shorten(e.Name, r.W/2), canvas.Fit(r.W-8-min(r.W/2, canvas.Width(e.Name)), "answers and faults of the chosen one", "answers and faults"))
	tallies(in, &e.Stats)
}

// rungsOf draws the ladder of one endpoint, the rungs that matter most where
// there are few rows.
func rungsOf(r canvas.Region, e *measure.Endpoint) {
	in := r.Box("ITS LATENCY")
	t := newTable(in.W,
		column{head: "", w: 6, left: true},
		column{head: "response", w: 9},
		column{head: "service", w: 9},
	)
	t.heads(in, 0)
	n := min(in.H-1, len(wanted))
	show := make(map[int]bool, n)
	for _, p := range wanted[:max(n, 0)] {
		show[p] = true
	}
	y := 1
	for _, g := range rungs {
		if !show[g.p] {
			continue
		}
		t.put(in, 0, y, theme.Strong, g.name)
		t.cell(in, 1, y, cellOf(&e.Stats.Response, g.p, 0, false, theme.Text), dagger(&e.Stats.Counts, g.p))
		t.cell(in, 2, y, cellOf(&e.Stats.Service, g.p, 0, false, theme.Dim), false)
		y++
	}
}

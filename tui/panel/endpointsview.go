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

// endpointRow is a row of the table: an endpoint, or the scenario whose steps
// are in the rows below it.
type endpointRow struct {
	e     *measure.Endpoint
	group *engine.ScenarioFacts // of a step, too
}

// rows are the endpoints that are shown; the steps of a scenario stand together
// in their order under a row for the whole, where the first of them would be.
func (x Selection) rows(s *engine.Snapshot) []endpointRow {
	es := x.pick(s)
	out := make([]endpointRow, 0, len(es)+len(s.Traffic.Scenarios))
	seen := make(map[*engine.ScenarioFacts]bool)
	for _, e := range es {
		group := scenarioOf(s, e.Name)
		switch {
		case group == nil:
			out = append(out, endpointRow{e: e})
		case !seen[group]:
			seen[group] = true
			out = append(out, endpointRow{group: group})
			for _, name := range group.Steps {
				if i := slices.IndexFunc(es, func(e *measure.Endpoint) bool { return e.Name == name }); i >= 0 {
					out = append(out, endpointRow{es[i], group})
				}
			}
		}
	}
	return out
}

// EndpointCount is the number of the profile's requests and scenarios.
func EndpointCount(s *engine.Snapshot) int {
	if g := subjectOf(s).segment; g != nil {
		return len(g.Endpoints) + len(s.Traffic.Scenarios)
	}
	return 0
}

// EndpointRows is the number of rows that a selection shows.
func EndpointRows(s *engine.Snapshot, x Selection) int { return len(x.rows(s)) }

// EndpointTable draws all that is known about the requests of the profile.
func EndpointTable(r canvas.Region, s *engine.Snapshot, x Selection) {
	es := x.rows(s)
	g := subjectOf(s).segment
	all := 0
	if g != nil {
		all = len(g.Endpoints)
	}
	title := x.SortBy.String() + ", " + subjectOf(s).title()
	if x.Filter != "" {
		title = units.Count(int64(len(x.pick(s)))) + " of " + units.Count(int64(all)) + ` with "` + canvas.Shorten(x.Filter, 20) + `", ` + x.SortBy.String()
	}
	in := r.Box("ENDPOINTS", title)
	heads := []string{"name", "done", "of all", "OK", "p50", "p95", "p99", "max", "service p99", "failed", "throttled"}
	if i := [...]int{-1, 0, 1, 4, 6, 9, 10}[x.SortBy%NumSorts]; i >= 0 {
		heads[i] = "↓" + heads[i]
	}
	name := 14
	if len(s.Traffic.Scenarios) > 0 {
		name = min(32, max(22, in.W-86)) // the steps begin alike
	}
	t := newTable(in.W,
		column{head: heads[0], w: name, left: true, flex: true},
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
		e, y := es[i].e, 1+i-from
		name := theme.Text
		if i == chosen {
			name = theme.Chosen
		}
		mark(in, y, i == chosen)
		if e == nil {
			groupRow(in, t, y, es[i].group, name)
			continue
		}
		c := &e.Stats.Counts
		if group := es[i].group; group != nil {
			in.Text(t.x[0]+2, y, name, middle(step(group, e.Name), t.w[0]-2))
		} else {
			t.put(in, 0, y, name, e.Name)
		}
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
	if more(r, len(es), h, from); len(es) <= h && len(s.Traffic.Scenarios) > 0 {
		r.Foot(theme.Dim, canvas.Fit(r.W-4, "a scenario's row: starts/s, counts of the whole run, times from the first step's due moment to the last one's end",
			"a scenario's row: starts/s, and times of the whole", "a scenario's row is of the whole"))
	}
}

// groupRow draws a scenario as a whole over its steps.
func groupRow(in canvas.Region, t table, y int, f *engine.ScenarioFacts, name theme.Role) {
	if name == theme.Text {
		name = theme.Strong
	}
	t.put(in, 0, y, name, f.Name)
	t.put(in, 1, y, theme.Strong, units.NumberIn(f.Rate, 7)+"/s")
	t.put(in, 3, y, theme.Text, units.Percent(f.Done, f.Done+f.Failed))
	for k, p := range [4]int{measure.P50, measure.P95, measure.P99, -1} {
		t.cell(in, 4+k, y, cellOf(&f.Since, p, 0, false, theme.Text), false)
	}
	t.put(in, 9, y, alarm(f.Failed), units.CountIn(f.Failed, 8))
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
	rows := x.rows(s)
	if len(rows) == 0 {
		r.Box("ENDPOINT")
		return
	}
	row := rows[clampRow(x.Chosen, len(rows))]
	if row.e == nil {
		scenarioDetail(r, s, row.group)
		return
	}
	e := row.e
	if r.W >= 100 {
		right := 46
		rungsOf(r.Sub(r.W-right, 0, right, r.H), "ITS LATENCY", "response", "service", &e.Stats.Response, &e.Stats.Service, func(p int) bool { return dagger(&e.Stats.Counts, p) })
		r = r.Sub(0, 0, r.W-right, r.H)
	}
	in := r.Box(canvas.Shorten(e.Name, r.W/2), canvas.Fit(r.W-8-min(r.W/2, canvas.Width(e.Name)), "answers and faults of the chosen one", "answers and faults"))
	tallies(in, &e.Stats, nil)
}

// scenarioDetail draws what became of the starts of a scenario, and the ladder
// of the whole.
func scenarioDetail(r canvas.Region, s *engine.Snapshot, f *engine.ScenarioFacts) {
	if r.W >= 100 {
		right := 46
		rungsOf(r.Sub(r.W-right, 0, right, r.H), "THE WHOLE SCENARIO", subjectOf(s).who, "whole run", &f.Since, &f.Total, func(int) bool { return false })
		r = r.Sub(0, 0, r.W-right, r.H)
	}
	in := r.Box(canvas.Shorten(f.Name, r.W/2), canvas.Fit(r.W-8-min(r.W/2, canvas.Width(f.Name)), "what became of its starts, whole run", "its starts, whole run", "whole run"))
	t := newTable(in.W,
		column{w: 9, left: true},
		column{w: 11},
		column{w: 7, rank: 1},
		column{w: 28, left: true, flex: true, rank: 2},
	)
	for i, h := range []string{"", "starts", "share", "what it means"} {
		t.put(in, i, 0, theme.Dim, h)
	}
	for i, row := range []struct {
		name  string
		n     int64
		role  theme.Role
		words string
	}{
		{"started", f.Started, theme.Text, "so many came due and were begun"},
		{"done", f.Done, theme.Text, "every step succeeded"},
		{"failed", f.Failed, alarm(f.Failed), "a step failed or was not sent"},
		{"dropped", f.Dropped, theme.Text, "ended by stop, pause or cut"},
		{"open", f.Open, theme.Text, "between its first step and its last"},
	} {
		t.put(in, 0, 1+i, theme.Text, row.name)
		t.put(in, 1, 1+i, row.role, units.CountIn(row.n, 11))
		t.put(in, 2, 1+i, theme.Dim, units.Percent(row.n, f.Started))
		t.put(in, 3, 1+i, theme.Dim, row.words)
	}
}

// rungsOf draws two ladders side by side, the rungs that matter most where
// there are few rows.
func rungsOf(r canvas.Region, title, one, two string, a, b *measure.Ladder, dagger func(p int) bool) {
	in := r.Box(title)
	t := newTable(in.W,
		column{head: "", w: 6, left: true},
		column{head: one, w: max(9, canvas.Width(one))},
		column{head: two, w: 9},
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
		t.cell(in, 1, y, cellOf(a, g.p, 0, false, theme.Text), dagger(g.p))
		t.cell(in, 2, y, cellOf(b, g.p, 0, false, theme.Dim), false)
		y++
	}
}

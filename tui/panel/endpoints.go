package panel

import (
	"cmp"
	"slices"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui/canvas"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// WorstFirst is the order of the endpoints by the share of those that did not
// succeed, then by p99, then by name. A picture that keeps the order for some
// seconds is easier to read: keep the slice and pass it to [Endpoints].
func WorstFirst(es []measure.Endpoint) []string {
	sorted := slices.Clone(es)
	share := func(e *measure.Endpoint) float64 {
		ok, of := success(&e.Stats.Counts)
		if of <= 0 {
			return 0
		}
		return float64(of-ok) / float64(of)
	}
	slices.SortStableFunc(sorted, func(a, b measure.Endpoint) int {
		return cmp.Or(cmp.Compare(share(&b), share(&a)), cmp.Compare(b.Stats.Response.P[measure.P99], a.Stats.Response.P[measure.P99]), cmp.Compare(a.Name, b.Name))
	})
	names := make([]string, len(sorted))
	for i := range sorted {
		names[i] = sorted[i].Name
	}
	return names
}

// Endpoints draws the requests of the profile, the worst first or in the given
// order. From 72 columns.
func Endpoints(r canvas.Region, s *engine.Snapshot, order []string) {
	g := subjectOf(s).segment
	if g == nil {
		r.Box("ENDPOINTS", "worst first")
		return
	}
	title := "worst first"
	if s.State == engine.Ended { // beside what became of the whole run
		title += ", of setting " + units.Count(int64(g.ID))
	}
	in := r.Box("ENDPOINTS", title)
	if order == nil {
		order = WorstFirst(g.Endpoints)
	}
	more := max(0, in.W-72)
	name := 14 + more/3
	step := more * 2 / 3 / 6
	ends := [6]int{}
	for i, x := range [6]int{20, 29, 40, 50, 60, 71} {
		ends[i] = x + more/3 + step*(i+1)
	}
	throttled := len(s.Traffic.Scenarios) == 0
	if !throttled { // the names of steps are long; how many were throttled stands beside
		name += 11
		for i := range ends[:5] {
			ends[i] += 11
		}
	}
	in.Text(2, 0, theme.Dim, "name")
	for i, h := range [6]string{"done", "OK", "p50", "p99", "failed", "throttled"} {
		if i < 5 || throttled {
			in.Right(ends[i], 0, theme.Dim, h)
		}
	}
	y := 1
	for _, n := range order {
		i := slices.IndexFunc(g.Endpoints, func(e measure.Endpoint) bool { return e.Name == n })
		if i < 0 || y >= in.H {
			continue
		}
		e := &g.Endpoints[i]
		c := &e.Stats.Counts
		if throttled {
			in.Text(2, y, theme.Text, canvas.Shorten(n, name-3))
		} else {
			in.Text(2, y, theme.Text, middle(n, name-3))
		}
		in.Right(ends[0], y, theme.Text, units.NumberIn(e.Rates.Done, 7)+"/s")
		ok, of := success(c)
		in.Right(ends[1], y, theme.Text, units.Percent(ok, of))
		for k, p := range [2]int{measure.P50, measure.P99} {
			c := cellOf(&e.Stats.Response, p, 0, false, theme.Text)
			in.Right(ends[2+k], y, c.role, c.text)
		}
		in.Right(ends[4], y, alarm(c.Failed()), units.CountIn(c.Failed(), 8))
		if throttled {
			in.Right(ends[5], y, alarm(c.Limited), units.CountIn(c.Limited, 8))
		}
		y++
	}
}

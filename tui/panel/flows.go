package panel

import (
	"strings"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui/canvas"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// trend is where the backlog of a job goes, in full and in a word. A backlog
// that moves by less than a hundredth of what is accepted is steady.
func trend(j *engine.JobFacts) (long, short string, role theme.Role) {
	still := max(0.05, j.AcceptedRate/100)
	switch {
	case j.Held:
		return "held by pause", "held", theme.Wait
	case j.Drained > 0:
		took := units.Latency(int64(j.Drained))
		return "drained in " + took, "drained " + took, theme.OK
	case j.Draining && j.Backlog == 0:
		return "drained", "drained", theme.OK
	case j.Slope > still && !j.Draining:
		return "growing " + units.Rate(j.Slope), "growing", theme.Warn
	case j.Slope < -still:
		return "draining " + units.Rate(-j.Slope), "draining", theme.Wait
	case j.Draining:
		return "draining", "draining", theme.Wait
	}
	return "steady", "steady", theme.Dim
}

// Trend is where the backlog of a job goes, in words: "growing 0.40/s",
// "steady", "drained in 12 s".
func Trend(j *engine.JobFacts) string {
	long, _, _ := trend(j)
	return long
}

// FlowsHeight is the rows that the box of scenarios and jobs can fill, at most
// most; 0 where the profile has neither.
func FlowsHeight(s *engine.Snapshot, most int) int {
	n := 2
	for _, k := range [2]int{len(s.Traffic.Scenarios), len(s.Traffic.Jobs)} {
		if k > 0 {
			n += 1 + k
		}
	}
	if n == 2 {
		return 0
	}
	return min(n, most)
}

// FlowsLeast is the least rows of the box.
func FlowsLeast(s *engine.Snapshot) int {
	if len(s.Traffic.Scenarios) > 0 && len(s.Traffic.Jobs) > 0 {
		return 6
	}
	return 4
}

// Flows draws the scenarios and the jobs of the profile, each kind under heads
// of its own. What has no row is said in the lower edge.
func Flows(r canvas.Region, s *engine.Snapshot) {
	flows(r, s, s.Traffic.Scenarios, s.Traffic.Jobs)
}

// lost are why jobs were lost, in lines.
func lost(s *engine.Snapshot) []string {
	var lines []string
	for i := range s.Traffic.Jobs {
		j := &s.Traffic.Jobs[i]
		for _, k := range j.LostFor {
			lines = append(lines, units.Count(k.Count)+" of "+j.Name+" lost: "+k.Name)
		}
	}
	return lines
}

// JobsHeight is the rows that the box of jobs alone can fill, at most most; 0
// where there are no jobs or most is too little.
func JobsHeight(s *engine.Snapshot, most int) int {
	const least = 4
	if len(s.Traffic.Jobs) == 0 || most < least {
		return 0
	}
	return min(3+len(s.Traffic.Jobs)+min(2, len(lost(s))), most)
}

// Jobs draws the jobs of the profile alone, and why some were lost where there
// are rows left for it.
func Jobs(r canvas.Region, s *engine.Snapshot) {
	rest := flows(r, s, nil, s.Traffic.Jobs)
	for y, l := range lost(s) {
		rest.Text(2, y, theme.Dim, canvas.Shorten(l, rest.W-3))
	}
}

// flows draws the box and returns its rows that are left.
func flows(r canvas.Region, s *engine.Snapshot, scenarios []engine.ScenarioFacts, jobs []engine.JobFacts) (rest canvas.Region) {
	title := "SCENARIOS AND JOBS"
	switch {
	case len(jobs) == 0:
		title = "SCENARIOS"
	case len(scenarios) == 0:
		title = "JOBS"
	}
	since := subjectOf(s).title()
	in := r.Box(title, canvas.Fit(r.W-5-canvas.Width(title), "counts of the whole run; p50 and p99 from the moment due to the whole end, "+since, "p50 and p99 from due to the whole end, "+since, "times "+since, since))
	t := newTable(in.W,
		column{w: 10, left: true, flex: true},
		column{w: 9},
		column{w: 9, rank: 2},
		column{w: 8},
		column{w: 16, left: true, rank: 1},
		column{w: 8, rank: 5},
		column{w: 7, rank: 3},
		column{w: 7, rank: 4},
		column{w: 9, rank: 6},
		column{w: 9},
	)
	a, b := shares(in.H, len(scenarios), len(jobs))
	y := 0
	heads := func(names ...string) {
		for i, n := range names {
			t.put(in, i, y, theme.Dim, n)
		}
		y++
	}
	if a > 0 {
		heads("scenario", "starts", "done", "open", "", "", "failed", "dropped", "p50", "p99")
		for i := range a {
			scenarioRow(in, t, y, &scenarios[i])
			y++
		}
	}
	if b > 0 {
		heads("job", "accepted", "done", "backlog", "", "oldest", "failed", "lost", "p50", "p99")
		for i := range b {
			jobRow(in, t, y, &jobs[i])
			y++
		}
	}
	if hidden := len(scenarios) + len(jobs) - a - b; hidden > 0 {
		r.Foot(theme.Dim, units.Count(int64(hidden))+" more")
	}
	return in.Sub(0, y, in.W, in.H-y)
}

// shares divides h rows between two kinds, each with a row of heads. Both get
// one before either gets a second.
func shares(h, scenarios, jobs int) (a, b int) {
	for h > 0 && (a < scenarios || b < jobs) {
		if b < jobs && (b <= a || a >= scenarios) { // jobs go first: only here are they shown
			need := 1
			if b == 0 {
				need = 2
			}
			if h < need {
				break
			}
			h -= need
			b++
			continue
		}
		need := 1
		if a == 0 {
			need = 2
		}
		if h < need {
			break
		}
		h -= need
		a++
	}
	return a, b
}

func scenarioRow(in canvas.Region, t table, y int, f *engine.ScenarioFacts) {
	t.put(in, 0, y, theme.Text, f.Name)
	t.put(in, 1, y, theme.Text, units.NumberIn(f.Rate, 7)+"/s")
	t.put(in, 2, y, theme.Text, units.CountIn(f.Done, 9))
	t.put(in, 3, y, theme.Text, units.CountIn(f.Open, 8))
	t.put(in, 4, y, theme.Dim, steps(f))
	t.put(in, 6, y, alarm(f.Failed), units.CountIn(f.Failed, 7))
	t.put(in, 7, y, theme.Text, units.CountIn(f.Dropped, 7))
	ladderEnds(in, t, 8, y, &f.Since)
}

func steps(f *engine.ScenarioFacts) string {
	if len(f.Steps) == 1 {
		return "1 step"
	}
	return units.Count(int64(len(f.Steps))) + " steps"
}

func jobRow(in canvas.Region, t table, y int, j *engine.JobFacts) {
	t.put(in, 0, y, theme.Text, j.Name)
	t.put(in, 1, y, theme.Text, units.NumberIn(j.AcceptedRate, 7)+"/s")
	t.put(in, 2, y, theme.Text, units.NumberIn(j.DoneRate, 7)+"/s")
	long, short, role := trend(j)
	t.put(in, 3, y, theme.Strong, units.CountIn(j.Backlog, 8))
	if w := t.w[4]; w > 0 {
		in.Text(t.x[4], y, role, canvas.Fit(w, long, short))
	}
	oldest := "–"
	if j.Backlog > 0 {
		oldest = units.Latency(int64(j.Oldest))
	}
	t.put(in, 5, y, theme.Text, oldest)
	t.put(in, 6, y, alarm(j.Failed), units.CountIn(j.Failed, 7))
	t.put(in, 7, y, alarm(j.Lost), units.CountIn(j.Lost, 7))
	ladderEnds(in, t, 8, y, &j.Since)
}

// ladderEnds puts p50 and p99 into two columns from i on.
func ladderEnds(in canvas.Region, t table, i, y int, l *measure.Ladder) {
	t.cell(in, i, y, cellOf(l, measure.P50, 0, false, theme.Text), false)
	t.cell(in, i+1, y, cellOf(l, measure.P99, 0, false, theme.Strong), false)
}

// FlowLines are the jobs, the retries and the scenarios in single lines of at
// most w cells, what matters most first.
func FlowLines(s *engine.Snapshot, w int) []Line {
	var out []Line
	jobs := s.Traffic.Jobs
	if len(jobs) > 0 {
		out = append(out, jobLine(&jobs[0], w))
		jobs = jobs[1:]
	}
	if l := amplification(s, w-9); l != nil {
		l = append(Line{{theme.Strong, "RETRIES  "}}, l...)
		for _, c := range retryCounts(&s.Traffic.Retry) {
			if next := append(l[:len(l):len(l)], Span{theme.Dim, "  " + c}); next.Width() <= w {
				l = next
			}
		}
		out = append(out, l)
	}
	for i := range jobs {
		out = append(out, jobLine(&jobs[i], w))
	}
	for i := range s.Traffic.Scenarios {
		out = append(out, scenarioLine(&s.Traffic.Scenarios[i], w))
	}
	return out
}

// upTo is as many of the parts, from the first, as have room in w cells.
func upTo(w int, parts ...Line) Line {
	var out Line
	for _, p := range parts {
		next := append(out[:len(out):len(out)], p...)
		if next.Width() > w {
			break
		}
		out = next
	}
	return out
}

// nameWidth is the room for a name in a line of its own.
func nameWidth(w int) int { return max(6, min(20, w/8)) }

func jobLine(j *engine.JobFacts, w int) Line {
	_, word, role := trend(j)
	n := nameWidth(w)
	backlog := Line{{theme.Dim, "backlog "}, {theme.Text, units.Right(units.Tiny(j.Backlog), 4)}, {role, " " + units.Left(word, 8)}}
	if j.Drained > 0 {
		backlog = Line{{role, units.Left("drained in "+units.Latency(int64(j.Drained)), 21)}}
	}
	oldest := ""
	if j.Backlog > 0 {
		oldest = units.Latency(int64(j.Oldest))
	}
	return upTo(w,
		Line{{theme.Strong, "JOBS "}, {theme.Text, units.Left(canvas.Shorten(j.Name, n), n) + "  "}},
		backlog,
		Line{{theme.Dim, "  failed "}, {alarm(j.Failed), units.Left(units.Tiny(j.Failed), 4)}, {theme.Dim, " lost "}, {alarm(j.Lost), units.Left(units.Tiny(j.Lost), 4)}},
		Line{{theme.Dim, "  accepted "}, {theme.Text, units.Left(units.NumberIn(j.AcceptedRate, 5)+"/s", 7)}},
		Line{{theme.Dim, "  done "}, {theme.Text, units.Left(units.NumberIn(j.DoneRate, 5)+"/s", 7)}},
		Line{{theme.Dim, "  oldest "}, {theme.Text, units.Left(oldest, 7)}},
		flowTail(&j.Since))
}

func scenarioLine(f *engine.ScenarioFacts, w int) Line {
	n := nameWidth(w)
	return upTo(w,
		Line{{theme.Strong, "SCENARIO "}, {theme.Text, units.Left(canvas.Shorten(f.Name, n), n) + "  "}},
		Line{{theme.Text, units.Right(units.NumberIn(f.Rate, 5), 5)}, {theme.Dim, " starts/s"}},
		Line{{theme.Dim, "  failed "}, {alarm(f.Failed), units.Left(units.CountIn(f.Failed, 5), 5)}},
		flowTail(&f.Since),
		Line{{theme.Dim, "  done "}, {theme.Text, units.Left(units.CountIn(f.Done, 7), 7)}},
		Line{{theme.Dim, "  dropped "}, {theme.Text, units.Left(units.CountIn(f.Dropped, 5), 5)}})
}

// flowTail is the tail of a ladder that belongs to a whole.
func flowTail(l *measure.Ladder) Line {
	value, _ := Summary(l, 0)
	if value == "" {
		value = "p99 –"
	}
	return Line{{theme.Text, "  " + units.Left(strings.TrimSpace(value), 12)}}
}

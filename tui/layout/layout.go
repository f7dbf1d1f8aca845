package layout

import (
	"time"

	"stoke/engine"
	"stoke/tui/canvas"
	"stoke/tui/panel"
	"stoke/tui/theme"
)

// State is what the cockpit itself adds to a frame.
type State struct {
	Now     time.Time        // local time for the header
	Frozen  bool             // the panels show a kept snapshot
	Live    *engine.Snapshot // when Frozen: the newest, for header and dials
	Message string           // what was done last, or why a key was refused
	Alert   bool             // Message is a refusal or an error
	Prompt  *Prompt          // a line being typed, in place of the key line
	Dialog  *Dialog          // a box over the picture
	Keys    []Hint           // the key line, most important first
	Link    string           // "8 fps 9 kB/s", or why the picture is old

	Endpoints []string // the order of the endpoints, from panel.WorstFirst; nil: the worst of this snapshot first
	ASCII     bool     // neither braille nor box drawing

	View     View              // 0 and 1 are the overview
	Scroll   int               // the chosen row of a view, or its page: see [Rows]; too large or small is put right
	SortBy   panel.Sort        // of the endpoints, for the column's mark, and for the order where Endpoints is nil
	Filter   string            // part of the endpoints' names
	Compare  panel.Pair        // IDs of the settings compared; 0, 0: the chosen row with what was driven before it
	Compared *panel.Comparison // from panel.Compare, at most a second old; nil: made for this frame, which costs milliseconds
	Help     panel.Topic       // the topic of the help that is shown in place of the picture; 0 is none
	HelpKeys []panel.KeyDoc    // the keys that the help explains
	Look     panel.Look        // how pictures over time are shown
}

// Prompt is a line being typed.
type Prompt struct {
	Label   string // "rate", "concurrency", ":"
	Text    string
	Cursor  int    // in runes
	Preview string // "1,200 → 12,000 (×10)"
	Error   string // what is wrong with the text so far
}

// Dialog is a box over the middle of the picture.
type Dialog struct {
	Title string
	Lines []string
	Keys  []Hint
}

// Hint is a key and what it does.
type Hint struct {
	Key, Does string
	Spare     int // where not all fit, the greatest is left out first; 0: only at the end of the line
}

// The sizes from which the pictures are drawn.
const (
	fullWidth, fullHeight       = 120, 33
	compactWidth, compactHeight = 80, 16
	endedHeight                 = 19 // of the compact picture of a run that ended
)

// Frame draws the screen: exactly h lines of at most w cells, without a final
// newline, at every size from 1x1.
func Frame(s *engine.Snapshot, ui State, w, h int, t *theme.Theme) string {
	w, h = max(w, 1), max(h, 1)
	c := canvas.New(w, h)
	all := c.All()
	live := s
	if ui.Frozen && ui.Live != nil {
		live = ui.Live
	}
	f := frame{s: s, live: live, ui: &ui}
	switch {
	case f.help(all):
	case f.view(all):
	case w >= fullWidth && h >= fullHeight:
		f.full(all)
	case w >= compactWidth && h >= compactHeight && (s.State != engine.Ended || h >= endedHeight):
		f.compact(all)
	default:
		f.lines(all)
	}
	if ui.Dialog != nil {
		dialog(all, ui.Dialog)
	}
	if ui.Prompt != nil {
		prompt(all, ui.Prompt)
	}
	return c.String(t, ui.ASCII)
}

// frame is what one picture is drawn from.
type frame struct {
	s, live *engine.Snapshot
	ui      *State
}

// stack hands out a screen from the top.
type stack struct {
	r canvas.Region
	y int
}

func (s *stack) take(h int) canvas.Region {
	r := s.r.Sub(0, s.y, s.r.W, h)
	s.y += h
	return r
}

// full is the picture with everything.
func (f *frame) full(r canvas.Region) {
	st := &stack{r: r}
	panel.Header(st.take(1), f.live, f.ui.Now, f.ui.Frozen)
	panel.Verdict(st.take(1), f.live)
	left := 46 + (r.W-fullWidth)/4
	var last canvas.Region
	switch f.s.State {
	case engine.Ready:
		last = st.take(panel.BeforeHeight)
		panel.Before(last, f.s)
		st.take(r.H - 4 - panel.BeforeHeight)
	case engine.Ended:
		outcomes := panel.OutcomesRows(f.s)
		rest := r.H - 4 - outcomes
		driven := max(9, rest*9/20)
		flows := panel.FlowsHeight(f.s, 8)
		if chart := rest - driven - flows; chart < fullChart {
			driven = max(5, driven-fullChart+chart)
		}
		if rest-driven-flows < panel.TimelineHeight || flows < panel.FlowsLeast(f.s) {
			flows = 0
		}
		f.outcomes(st.take(outcomes), left)
		f.flows(st.take(flows), canvas.Region{})
		panel.Timeline(st.take(rest-driven-flows), f.s, f.ui.Look)
		last = st.take(driven)
		panel.Driven(last, f.s)
	default:
		// At 40 rows the chart has 13, outcomes 8 and settings 7; with less
		// the chart gives first, with more it gets half.
		outcomes, driven := panel.OutcomesRows(f.s), 7
		more := r.H - 40
		switch {
		case more < 0:
			driven -= min(2, (1-more)/3)
		default:
			outcomes += more / 4
			driven += more / 4
		}
		load := panel.LoadRows(f.s)
		chart := r.H - 4 - load - outcomes - driven
		flows, lines := 0, 0
		if most := panel.FlowsHeight(f.s, 6+max(0, more)/3); most > 0 {
			// The settings driven and the chart make room for them.
			give := max(0, min(driven-5, most-(chart-wholeChart)))
			chart, driven = chart+give, driven-give
			if flows = min(most, chart-fullChart); flows < panel.FlowsLeast(f.s) {
				flows, lines = 0, max(0, min(2, chart-fullChart))
			}
			chart -= flows + lines
		}
		top := st.take(load)
		panel.Load(top.Sub(0, 0, left, top.H), f.live)
		panel.Latency(top.Sub(left, 0, r.W-left, top.H), f.s)
		panel.Timeline(st.take(chart), f.s, f.ui.Look)
		f.flows(st.take(flows), st.take(lines))
		f.outcomes(st.take(outcomes), left)
		last = st.take(driven)
		panel.Driven(last, f.s)
	}
	f.link(last)
	f.event(st.take(1))
	f.keys(st.take(1), 3, true)
}

// The rows of the chart where scenarios and jobs need room: from wholeChart on
// it has its bars; fullChart is the least of the full picture, compactChart of
// the compact one.
const wholeChart, fullChart, compactChart = 10, 7, 6

// flows draws the scenarios and the jobs, in a box or in lines, where there is
// room for one of them.
func (f *frame) flows(box, lines canvas.Region) {
	if box.H > 0 {
		panel.Flows(box, f.s)
	}
	if lines.H > 0 {
		for y, l := range panel.FlowLines(f.s, lines.W-2) {
			l.Draw(lines, 1, y)
		}
	}
}

func (f *frame) outcomes(r canvas.Region, left int) {
	panel.Outcomes(r.Sub(0, 0, left, r.H), f.s)
	panel.Endpoints(r.Sub(left, 0, r.W-left, r.H), f.s, f.ui.Endpoints)
}

// compact is the picture for 80 columns.
func (f *frame) compact(r canvas.Region) {
	st := &stack{r: r}
	panel.Header(st.take(1), f.live, f.ui.Now, f.ui.Frozen)
	panel.Verdict(st.take(1), f.live)
	event := r.H >= 26
	rest := r.H - 3
	if event {
		rest--
	}
	var last canvas.Region
	if f.s.State == engine.Ready {
		last = st.take(min(rest, panel.BeforeHeight))
		panel.Before(last, f.s)
		rest -= last.H
	} else {
		last, rest = f.compactBody(st, rest)
	}
	f.link(last)
	if event || rest > 0 { // too few rows for a chart: one of them says what was done
		st.take(max(0, rest-1))
		if event {
			st.take(min(rest, 1))
		}
		f.event(st.take(1))
		event = true
	}
	f.keys(st.take(1), 2, event)
}

// compactBody draws the boxes into at most rest rows and returns the last one
// and the rows left over.
func (f *frame) compactBody(st *stack, rest int) (last canvas.Region, over int) {
	w := st.r.W
	if f.s.State == engine.Ended {
		h := rest - panel.OutcomesHeight
		if spare := h - panel.TimelineHeight - 3; spare >= 5 {
			h = min(max(8, spare), 8+spare/3)
		}
		last = st.take(h)
		panel.Driven(last, f.s)
		rest -= h
	} else {
		panel.LoadCompact(st.take(panel.LoadCompactHeight), f.live)
		rest -= panel.LoadCompactHeight
	}
	// The table and the outcomes have 8 rows; on a high screen the chart gets
	// what is left, and the settings driven some of it.
	last = st.take(panel.OutcomesHeight)
	right := 33 + (w-compactWidth)/4
	panel.Latency(last.Sub(0, 0, w-right, last.H), f.s)
	panel.Outcomes(last.Sub(w-right, 0, right, last.H), f.s)
	rest -= panel.OutcomesHeight
	spare := rest - compactChart
	if rest < panel.TimelineHeight { // no chart: all but the row of what was done last
		spare = rest - 1
	}
	if f.s.State != engine.Ended && spare > 0 {
		most := panel.FlowsHeight(f.s, 4+spare/3)
		if least := panel.FlowsLeast(f.s); most > 0 && spare-2 >= max(most, least) {
			last = st.take(max(most, least))
			panel.Flows(last, f.s)
			rest -= last.H
		} else {
			lines := st.take(min(spare, 2, len(panel.FlowLines(f.s, w-2))))
			f.flows(canvas.Region{}, lines)
			rest -= lines.H
		}
	}
	driven := 0
	if rest >= 16 && f.s.State != engine.Ended {
		driven = 6 + (rest-16)/3
	}
	endpoints := 0
	if w >= 76 && rest-driven >= 22 {
		endpoints = panel.OutcomesHeight
	}
	if chart := rest - driven - endpoints; chart >= panel.TimelineHeight {
		last = st.take(chart)
		panel.Timeline(last, f.s, f.ui.Look)
		rest -= chart
	}
	if endpoints > 0 {
		last = st.take(endpoints)
		panel.Endpoints(last, f.s, f.ui.Endpoints)
		rest -= endpoints
	}
	if driven > 0 {
		last = st.take(driven)
		panel.Driven(last, f.s)
		rest -= driven
	}
	return last, rest
}

// link writes how fast the picture comes into the lower edge of the last box.
func (f *frame) link(box canvas.Region) {
	if n := canvas.Width(f.ui.Link); n > 0 && n+6 <= box.W && box.H > 0 {
		box.Right(box.W-2, box.H-1, theme.Dim, " "+f.ui.Link+" ")
	}
}

// event is the line over the keys: what was said last, or done last.
func (f *frame) event(r canvas.Region) {
	if f.ui.Message == "" {
		panel.Event(r, f.s, f.ui.View <= 1)
		return
	}
	message(r, f.ui, r.W-2)
}

func message(r canvas.Region, ui *State, w int) {
	role := theme.Text
	if ui.Alert {
		role = theme.Warn
	}
	r.Text(1, 0, role, canvas.Clip(ui.Message, w))
}

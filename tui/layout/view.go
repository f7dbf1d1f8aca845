package layout

import (
	"stoke/engine"
	"stoke/tui/canvas"
	"stoke/tui/panel"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// View is what the screen shows; its number is the key that shows it. The zero
// View is the overview.
type View uint8

// The views.
const (
	Overview View = 1 + iota
	Latency
	Outcomes
	Endpoints
	Settings
	Machine
	NumViews = int(Machine)
)

var viewNames = [...]string{"overview", "overview", "latency", "outcomes", "endpoints", "settings", "this machine"}

// String is the name of the view on screen.
func (v View) String() string { return viewNames[v.known()] }

// known is the view, or the overview for a number that is none.
func (v View) known() View {
	if v > Machine || v == 0 {
		return Overview
	}
	return v
}

// The least size at which views are drawn; smaller screens show the overview.
const ViewWidth, ViewHeight = 60, 20

// Rows is how many rows State.Scroll can choose from in the present view at
// this size: at most Rows-1 is of use. Rows of the overview and of a screen that
// is too small are 0. For the latency view they are its pages.
func Rows(s *engine.Snapshot, ui State, w, h int) int {
	v := ui.View.known()
	if w < ViewWidth || h < ViewHeight {
		return 0
	}
	switch v {
	case Latency:
		return len(latencyPages(bodyHeight(h)))
	case Outcomes:
		return panel.OutcomeRows()
	case Endpoints:
		return panel.EndpointRows(s, ui.selection())
	case Settings:
		return panel.SettingRows(s)
	case Machine:
		return panel.MachineRows(s)
	}
	return 0
}

func (ui *State) selection() panel.Selection {
	return panel.Selection{Order: ui.Endpoints, SortBy: ui.SortBy, Filter: ui.Filter, Chosen: ui.Scroll}
}

// view draws one of the views 2 to 6; false where the screen is too small.
func (f *frame) view(r canvas.Region) bool {
	v := f.ui.View.known()
	if v == Overview || r.W < ViewWidth || r.H < ViewHeight {
		return false
	}
	st := &stack{r: r}
	panel.Header(st.take(1), f.live, f.ui.Now, f.ui.Frozen)
	panel.Verdict(st.take(1), f.live)
	tabs(st.take(1), v, f.live)
	body := st.take(bodyHeight(r.H))
	var last canvas.Region
	switch v {
	case Latency:
		last = f.latencyView(body)
	case Outcomes:
		last = f.outcomesView(body)
	case Endpoints:
		last = f.endpointsView(body)
	case Settings:
		last = f.settingsView(body)
	case Machine:
		last = f.machineView(body)
	}
	f.link(last)
	event := r.H >= eventHeight
	if event {
		f.event(st.take(1))
	}
	f.keys(st.take(1), 2+min(1, r.W/fullWidth), event)
	return true
}

// help draws a topic of the help under the header, which goes on; false where
// none is shown.
func (f *frame) help(r canvas.Region) bool {
	if f.ui.Help == panel.NoHelp || r.W < 20 || r.H < 6 {
		return false
	}
	panel.Header(r.Sub(0, 0, r.W, 1), f.live, f.ui.Now, f.ui.Frozen)
	panel.Help(r.Sub(0, 1, r.W, r.H-2), f.ui.Help, f.ui.HelpKeys)
	f.keys(r.Sub(0, r.H-1, r.W, 1), 2, false)
	return true
}

// eventHeight is the height from which the line of events has a row.
const eventHeight = 26

// bodyHeight is what a view has of a screen: the header, the verdict, the tabs
// and the keys go off it.
func bodyHeight(h int) int {
	if h >= eventHeight {
		return h - 5
	}
	return h - 4
}

// tabs names the views; the present one stands in brackets. Where there is room
// the dials stand beside, since the box of the dials does not.
func tabs(r canvas.Region, now View, s *engine.Snapshot) {
	var full, short panel.Line
	for v := Overview; v <= Machine; v++ {
		role, number := theme.Dim, units.Count(int64(v))
		name := number + " " + v.String()
		brief := number
		if v == now {
			role, name = theme.Strong, "["+name+"]"
			brief = name
		}
		full = append(full, panel.Span{Role: role, Text: name}, panel.Span{Role: theme.Text, Text: "  "})
		short = append(short, panel.Span{Role: role, Text: brief}, panel.Span{Role: theme.Text, Text: "  "})
	}
	l := panel.Pick(r.W-1, full[:len(full)-1], short[:len(short)-1])
	end := l.Draw(r, 1, 0)
	d := panel.Dials(s, r.W-end-4)
	d.Draw(r, r.W-1-d.Width(), 0)
}

// pages of the latency view: which of its boxes are on each.
type page struct{ ladder, stages, heat, slowest int }

func latencyPages(h int) []page {
	pages := pagesOfTimes(h)
	last := &pages[len(pages)-1]
	if last.heat >= panel.HeatHeight+panel.SlowestHeight {
		last.slowest = max(panel.SlowestHeight, last.heat/3)
		last.heat -= last.slowest
		return pages
	}
	return append(pages, page{slowest: h})
}

// pagesOfTimes are those without the slowest requests.
func pagesOfTimes(h int) []page {
	const ladder, stages, heat = panel.LadderHeight, panel.StagesHeight, panel.HeatHeight
	switch {
	case h >= ladder+stages+heat:
		return []page{{ladder, stages, h - ladder - stages, 0}}
	case h >= ladder+stages:
		return []page{{ladder, stages, 0, 0}, {0, 0, h, 0}}
	case h >= ladder+stages-2: // without its lowest rows the box of stages still adds up
		return []page{{ladder, h - ladder, 0, 0}, {0, 0, h, 0}}
	case h >= stages+heat:
		return []page{{ladder, 0, 0, 0}, {0, stages, h - stages, 0}}
	}
	return []page{{ladder, 0, 0, 0}, {0, stages, 0, 0}, {0, 0, h, 0}}
}

func (f *frame) latencyView(r canvas.Region) (last canvas.Region) {
	pages := latencyPages(r.H)
	at := max(0, min(f.ui.Scroll, len(pages)-1))
	p := pages[at]
	st := &stack{r: r}
	if p.ladder > 0 {
		last = st.take(p.ladder)
		panel.Ladder(last, f.s)
	}
	if p.stages > 0 {
		last = st.take(p.stages)
		panel.Stages(last, f.s)
	}
	if p.heat > 0 {
		last = st.take(p.heat)
		panel.Heat(last, f.s, f.ui.Look)
	}
	if p.slowest > 0 {
		last = st.take(p.slowest)
		panel.Slowest(last, f.s)
	}
	switch {
	case at+1 < len(pages) && pages[at+1].stages > 0:
		hint(last, "↓ where the time goes")
	case at+1 < len(pages) && pages[at+1].heat > 0:
		hint(last, "↓ heat map")
	case at+1 < len(pages):
		hint(last, "↓ slowest")
	case at > 0:
		hint(last, "↑ ladder")
	}
	return canvas.Region{}
}

// hint writes where the view goes on into the lower edge of a box, at the right.
func hint(box canvas.Region, words string) {
	box.Right(box.W-2, box.H-1, theme.Key, " "+words+" ")
}

func (f *frame) outcomesView(r canvas.Region) canvas.Region {
	st := &stack{r: r}
	if r.W >= fullWidth {
		panel.Endings(st.take(panel.EndingsHeight), f.s, f.ui.Scroll)
		rest := st.take(r.H - panel.EndingsHeight)
		right := 40 + (r.W-fullWidth)/8
		panel.Codes(rest.Sub(0, 0, r.W-right, rest.H), f.s)
		return f.refusals(rest.Sub(r.W-right, 0, right, rest.H))
	}
	if r.W >= compactWidth { // side by side: the endings are narrow without their words
		left := 40
		panel.Endings(r.Sub(0, 0, left, r.H), f.s, f.ui.Scroll)
		right := r.Sub(left, 0, r.W-left, r.H)
		retry := max(panel.RetryHeight, r.H/3)
		if panel.HasRetries(f.s) {
			retry = max(panel.RetryHeight+panel.RetriesHeight, r.H/2)
		}
		if r.H >= 24 { // the screen decides and not what there is to say, or boxes would come and go
			retry = max(retry, min(panel.RetryHeight+panel.ConnectionsHeight(f.s), r.H*3/5))
		}
		panel.Codes(right.Sub(0, 0, right.W, r.H-retry), f.s)
		return f.refusals(right.Sub(0, r.H-retry, right.W, retry))
	}
	top := r.H - panel.CodesHeight
	panel.Endings(st.take(top), f.s, f.ui.Scroll)
	last := st.take(panel.CodesHeight)
	panel.Codes(last, f.s)
	return last
}

// refusals are how long the target asks to wait, where there is something to
// say what came of sending again and which limiter was seen, and where there is
// room the connections. It returns the lowest box.
func (f *frame) refusals(r canvas.Region) canvas.Region {
	retries := 0
	if panel.HasRetries(f.s) {
		retries = max(panel.RetriesHeight, min(10, r.H*3/5))
	}
	connections := min(panel.ConnectionsHeight(f.s), r.H-retries-panel.RetryHeight)
	if connections < panel.ConnectionsLeast {
		connections = 0
	}
	st := &stack{r: r}
	last := st.take(r.H - retries - connections)
	panel.Retry(last, f.s)
	if connections > 0 {
		last = st.take(connections)
		panel.Connections(last, f.s)
	}
	if retries > 0 {
		last = st.take(retries)
		panel.Retries(last, f.s)
	}
	return last
}

func (f *frame) endpointsView(r canvas.Region) canvas.Region {
	// As many rows as the profile has requests, whatever the filter shows; the
	// rest is for the chosen one.
	if jobs := panel.JobsHeight(f.s, r.H/5); jobs > 0 {
		panel.Jobs(r.Sub(0, r.H-jobs, r.W, jobs), f.s)
		r = r.Sub(0, 0, r.W, r.H-jobs)
	}
	table := min(max(panel.EndpointCount(f.s)+3, 8), r.H-max(panel.EndpointDetailHeight, r.H/4))
	detail := r.H - table
	panel.EndpointTable(r.Sub(0, 0, r.W, r.H-detail), f.s, f.ui.selection())
	last := r.Sub(0, r.H-detail, r.W, detail)
	panel.EndpointDetail(last, f.s, f.ui.selection())
	return last
}

func (f *frame) settingsView(r canvas.Region) canvas.Region {
	pair := panel.Pair(f.ui.Compare)
	chosen := pair.Row(f.s, f.ui.Scroll)
	if r.W >= 160 { // side by side
		right := 70
		list := r.H
		if r.H >= 40 { // and when it was
			list = r.H / 2
			panel.Timeline(r.Sub(0, list, r.W-right, r.H-list), f.s, f.ui.Look)
		}
		panel.Settings(r.Sub(0, 0, r.W-right, list), f.s, pair, chosen)
		last := r.Sub(r.W-right, 0, right, r.H)
		panel.Compared(last, f.s, pair, chosen, f.ui.Compared)
		return last
	}
	below := min(panel.ComparedHeight, r.H*6/10)
	panel.Settings(r.Sub(0, 0, r.W, r.H-below), f.s, pair, chosen)
	last := r.Sub(0, r.H-below, r.W, below)
	panel.Compared(last, f.s, pair, chosen, f.ui.Compared)
	return last
}

func (f *frame) machineView(r canvas.Region) canvas.Region {
	st := &stack{r: r}
	head, note := panel.HeadlineHeight, panel.NoteHeight
	if r.W >= fullWidth { // their words have room in a line less
		head--
		note--
	}
	panel.Headline(st.take(head), f.s)
	panel.Metrics(st.take(min(panel.MetricsHeight, r.H-head-note)), f.s, f.ui.Scroll)
	last := st.take(note)
	panel.Note(last, f.s, f.ui.Scroll)
	return last
}

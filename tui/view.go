package tui

import (
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui/layout"
	"stoke/tui/panel"
)

// scope is a set of views, one bit for each.
type scope uint8

// The views, and the sets of them that keys are declared for.
const (
	overview scope = 1 << iota
	viewLatency
	viewOutcomes
	viewEndpoints
	viewSettings
	viewMachine

	views = viewLatency | viewOutcomes | viewEndpoints | viewSettings | viewMachine
)

// numViews is how many views there are.
const numViews = layout.NumViews

// has reports whether view number n is in the set; the empty set holds all.
func (s scope) has(n int) bool { return s == 0 || s&(1<<(n-1)) != 0 }

// look is what the operator chose to see. It changes nothing but the picture.
type look struct {
	view   int // 1 to numViews
	scroll [numViews + 1]int
	sortBy panel.Sort
	filter string // of the endpoints
	chosen int    // the segment under the cursor of the settings driven; 0 is the newest
	other  int    // the segment that it is compared with; 0 is none
	made   *panel.Comparison
	madeAt time.Time
	panel.Look
}

func showView(a *app, name string) tea.Cmd {
	a.see(int(name[0] - '0'))
	return nil
}

// see goes to a view.
func (a *app) see(n int) {
	if n != 1 && a.width > 0 && (a.width < layout.ViewWidth || a.height < layout.ViewHeight) {
		a.say(fmt.Sprintf("the views need a screen of %dx%d", layout.ViewWidth, layout.ViewHeight))
		return
	}
	a.look.view = n
	a.sorted = time.Time{} // the overview and the endpoints have orders of their own
}

func nextView(a *app, name string) tea.Cmd {
	step := 1
	if name == "shift+tab" {
		step = numViews - 1
	}
	a.see((a.look.view-1+step)%numViews + 1)
	return nil
}

// backToOverview leaves what is innermost first: a filter, a comparison, the
// view.
func backToOverview(a *app, _ string) tea.Cmd {
	switch l := &a.look; {
	case l.view == int(layout.Endpoints) && l.filter != "":
		l.filter = ""
	case l.view == int(layout.Settings) && l.other != 0:
		l.other = 0
	default:
		a.see(1)
	}
	return nil
}

// show tells the layout what to draw.
func (l *look) show(a *app, ui *layout.State) {
	ui.View, ui.SortBy, ui.Filter, ui.Look = layout.View(l.view), l.sortBy, l.filter, l.Look
	ui.Compare = panel.Pair{l.other, 0}
	ui.Scroll = l.scroll[l.view]
	if ui.View == layout.Settings {
		ui.Scroll = a.row()
		ui.Compared = l.compared(a, ui)
	}
	ui.Help = a.topic
	if ui.Help != panel.NoHelp {
		ui.HelpKeys = helpDocs()
	}
}

// compareGap is how old a comparison may get: it takes milliseconds.
const compareGap = time.Second

// compared is the comparison of the two chosen settings.
func (l *look) compared(a *app, ui *layout.State) *panel.Comparison {
	s := a.shown()
	then, now := ui.Compare.Segments(s, ui.Scroll)
	if then == nil || now == nil {
		return nil
	}
	if c := l.made; c == nil || c.Then != then.ID || c.Now != now.ID || ui.Now.Sub(l.madeAt) >= compareGap {
		c := panel.Compare(s, ui.Compare, ui.Scroll)
		l.made, l.madeAt = &c, ui.Now
	}
	return l.made
}

// lines is how many lines of the present view can be gone through.
func (a *app) lines() int {
	ui := layout.State{Endpoints: a.endpoints}
	a.look.show(a, &ui)
	return layout.Rows(a.shown(), ui, a.width, a.height)
}

// page is how far page up and down go.
const page = 10

// move goes through the lines of a view.
func move(a *app, name string) tea.Cmd {
	step := map[string]int{"up": -1, "k": -1, "down": 1, "j": 1, "pgup": -page, "pgdown": page, "home": -1 << 20, "end": 1 << 20}[name]
	if a.look.view == int(layout.Settings) {
		a.choose(step)
		return nil
	}
	a.look.scroll[a.look.view] += step
	a.hold()
	return nil
}

// hold keeps the present view within its lines.
func (a *app) hold() {
	at := &a.look.scroll[a.look.view]
	*at = max(0, min(*at, a.lines()-1))
}

// shown is the snapshot that the panels show.
func (a *app) shown() *engine.Snapshot {
	if a.kept != nil {
		return a.kept
	}
	return a.snap
}

// choose moves the cursor of the settings driven, which lists the newest
// first.
func (a *app) choose(step int) {
	segments := a.shown().View.Segments
	n := len(segments)
	if n == 0 {
		return
	}
	at := a.chosen(segments) - step
	at = max(0, min(at, n-1))
	a.look.chosen = segments[at].ID
	if at == n-1 {
		a.look.chosen = 0 // stays with the newest when others come
	}
}

// row is the row of the cursor in the settings driven, the newest in row 0.
func (a *app) row() int {
	segments := a.shown().View.Segments
	return max(0, len(segments)-1-a.chosen(segments))
}

// chosen is the index of the segment under the cursor.
func (a *app) chosen(segments []*measure.Segment) int {
	if i := slices.IndexFunc(segments, func(g *measure.Segment) bool { return g.ID == a.look.chosen }); i >= 0 {
		return i
	}
	return len(segments) - 1
}

// compareSetting pins the setting under the cursor, so that the ones that the
// cursor goes to are compared with it.
func compareSetting(a *app, _ string) tea.Cmd {
	segments := a.shown().View.Segments
	if len(segments) < 2 {
		a.say("there is only one setting yet: drive to another one, or n begins a new segment")
		return nil
	}
	g := segments[a.chosen(segments)]
	if a.look.other == g.ID {
		a.look.other = 0
		return nil
	}
	a.look.other = g.ID
	a.say("compared with setting " + number(float64(g.ID)) + "; ↑ ↓ go to another one")
	return nil
}

func nextSpan(a *app, _ string) tea.Cmd {
	a.look.Span = (a.look.Span + 1) % panel.NumStretches
	return nil
}

func nextAxis(a *app, _ string) tea.Cmd {
	a.look.Linear = !a.look.Linear
	return nil
}

func sortEndpoints(a *app, name string) tea.Cmd {
	step := panel.Sort(1)
	if name == "left" {
		step = panel.NumSorts - 1
	}
	a.look.sortBy = (a.look.sortBy + step) % panel.NumSorts
	a.sorted = time.Time{} // at once
	return nil
}

func typeFilter(a *app, _ string) tea.Cmd {
	p := &prompt{label: "filter", use: filtering{before: a.look.filter}}
	p.set(a.look.filter)
	a.prompt = p
	return nil
}

// filtering is the prompt in which a filter is typed: it works while it is
// typed.
type filtering struct{ before string }

func (f filtering) typed(a *app, text string) { a.look.filter = text; a.hold() }
func (f filtering) enter(a *app, _ *prompt, _ string) tea.Cmd {
	a.prompt = nil
	return nil
}
func (f filtering) left(a *app)                 { a.look.filter = f.before; a.hold() }
func (f filtering) preview(*app, string) string { return "shows the endpoints whose name holds this" }

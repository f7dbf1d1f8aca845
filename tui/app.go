package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"stoke/engine"
	"stoke/profiles/grammar"
	"stoke/tui/canvas"
	"stoke/tui/layout"
	"stoke/tui/panel"
	"stoke/tui/theme"
	"stoke/tui/units"
)

const (
	// frameGap is the least time between two pictures.
	frameGap = 100 * time.Millisecond
	// calmGap is that time once nobody has touched anything for calmAfter and
	// nothing happens: figures that change twice a second are read better, and
	// what a picture costs reaches one request in a hundred no more, where load
	// and cockpit share two processors.
	calmGap   = 500 * time.Millisecond
	calmAfter = 3 * time.Second
	// busyPoll is how soon a terminal that was busy is tried again.
	busyPoll = 50 * time.Millisecond
	// raiseGap is the least time between two raises by keys; what comes
	// faster is dropped.
	raiseGap = 30 * time.Millisecond
	// staleKey is the age from which a key that raises is dropped: it was
	// meant for another moment.
	staleKey = 250 * time.Millisecond
	// gestureGap is the longest pause inside of one gesture; the first repeat
	// of a held key comes after about half a second.
	gestureGap = 550 * time.Millisecond
	// grace is how long a question stands before a key can confirm it.
	grace = 300 * time.Millisecond
	// wantLife bounds how long an order counts as the setting although no
	// snapshot shows it.
	wantLife = time.Second

	// sortGap is the least time between two orders of the endpoints.
	sortGap = 5 * time.Second

	noteLife  = 6 * time.Second
	alertLife = 10 * time.Second
)

// screen is what the model needs of the way to the terminal. *link is one.
type screen interface {
	busy() bool         // the next frame must wait
	age() time.Duration // of the newest picture that the terminal surely shows
	sent() int64        // bytes
	lost() error        // the terminal is gone
}

// app is the only model of the program. Bubble Tea calls it from one
// goroutine; it never blocks: what may take time is done by a command.
type app struct {
	o      Options
	ctx    context.Context
	screen screen
	clock  func() time.Time
	keys   []Key

	width, height int
	snap          *engine.Snapshot // the newest
	snapAt        time.Time        // when it was first seen
	kept          *engine.Snapshot // shown by the panels while frozen

	frame   string // the picture as it was drawn last
	drawn   time.Time
	touched time.Time     // by the operator
	cost    time.Duration // of drawing it
	dirty   bool          // something changed since
	shows   engine.State  // the state on the picture
	since   time.Time     // since when the picture shows it
	tells   news          // on the picture
	frames  int           // drawn since rated
	rated   time.Time
	bytes   int64
	speed   string // "8 fps 9 kB/s"

	endpoints []string // in the order in which they are shown
	sorted    time.Time

	note   string
	alert  bool
	noteAt time.Time

	look  look
	topic panel.Topic // of the help; 0 is none

	prompt    *prompt
	ask       *question
	history   []string
	confirmed bool // the host was typed, or nobody asked for it
	starting  bool

	lastKey   string
	lastKeyAt time.Time
	gesture   uint64
	raisedAt  time.Time

	flying int           // orders that did not come back yet
	next   *engine.Order // the newest lowering order that waits for them
	want   want

	endAt   time.Time // when the end screen began
	outcome Outcome
	failure error
}

// want is what was ordered and is not yet in a snapshot, so that quick keys
// step on from each other.
type want struct {
	rate        float64 // 0: nothing ordered
	concurrency int     // 0: nothing ordered
	// blind: something was ordered whose effect only a snapshot shows. Until
	// then no key steps: down from a setting that is gone could be up.
	blind bool
	rev   uint64 // of the dials after the newest step; 0: as in the snapshot
	event int    // the newest that must be in a snapshot
	at    time.Time
}

func newApp(ctx context.Context, o Options, s screen, clock func() time.Time) *app {
	if o.frame == nil {
		o.frame = layout.Frame
	}
	if o.Theme == nil {
		o.Theme = theme.Dark()
	}
	a := &app{o: o, ctx: ctx, screen: s, clock: clock, keys: keyTable(), confirmed: o.Confirm == nil, dirty: true}
	a.rated, a.look.view, a.history = clock(), 1, slices.Clone(o.History)
	a.refresh(clock())
	if o.Demo || o.FirstRun {
		a.say(firstHint)
	}
	return a
}

// firstHint stands until the first key of whoever never saw the cockpit.
const firstHint = "press ↑ to raise the rate, ↓ to lower it, ? for all keys"

type (
	pollMsg    struct{}
	doneMsg    struct{}
	startedMsg struct{ err error }
	probedMsg  struct{}
	savedMsg   struct{ err error }
	appliedMsg struct {
		order   engine.Order
		applied engine.Applied
		err     error
		from    *prompt // where it was typed; nil for keys
		sent    time.Time
	}
)

// guarded makes a command of f that turns a panic into a message.
func guarded(f func() tea.Msg) tea.Cmd {
	return func() (msg tea.Msg) {
		defer func() {
			if r := recover(); r != nil {
				msg = failedMsg{caught(r)}
			}
		}()
		return f()
	}
}

// Init implements [tea.Model].
func (a *app) Init() tea.Cmd {
	done := guarded(func() tea.Msg {
		select {
		case <-a.o.Run.Done():
			return doneMsg{}
		case <-a.ctx.Done():
			return nil
		}
	})
	return tea.Batch(done, a.poll(frameGap), a.open())
}

// open does what comes before the start: ask for the target, probe, or start.
func (a *app) open() tea.Cmd {
	switch {
	case a.snap.State != engine.Ready:
		return nil
	case !a.confirmed:
		a.askHost()
		return nil
	case a.o.AutoStart:
		return a.start()
	}
	return guarded(func() tea.Msg {
		a.o.Run.Probe(a.ctx)
		return probedMsg{}
	})
}

func (a *app) poll(after time.Duration) tea.Cmd {
	return tea.Tick(after, func(time.Time) tea.Msg { return pollMsg{} })
}

// View implements [tea.Model]. It returns the picture that Update drew.
func (a *app) View() tea.View {
	v := tea.NewView(a.frame)
	v.AltScreen = true
	return v
}

// Update implements [tea.Model]. A panic in it ends the program in order.
func (a *app) Update(msg tea.Msg) (m tea.Model, cmd tea.Cmd) {
	defer func() {
		if r := recover(); r != nil {
			a.failure, m, cmd = caught(r), a, tea.Quit
		}
	}()
	now := a.clock()
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.width, a.height, a.dirty, a.touched = msg.Width, msg.Height, true, now
	case pollMsg:
		if err := a.screen.lost(); err != nil {
			return a, a.leaveLost()
		}
		a.refresh(now)
		a.dirty = true
		a.rate(now)
		a.redraw(now)
		return a, a.poll(a.pollAfter(now))
	case keyMsg:
		a.refresh(now)
		a.dirty, a.touched = true, now
		first := a.lastKey == ""
		if cmd = a.key(msg, now); first {
			if a.note == firstHint {
				a.note = ""
			}
			cmd = tea.Batch(cmd, a.hinted())
		}
	case pasteMsg:
		if a.prompt != nil {
			a.prompt.insert(msg.text)
			a.dirty, a.touched = true, now
		}
	case ackMsg:
		if msg.first {
			// Asked only now: a terminal that does not understand the first
			// request might print this one.
			cmd = tea.Raw(ansi.RequestModeSynchronizedOutput)
		}
	case appliedMsg:
		cmd = a.applied(msg, now)
	case startedMsg:
		a.starting = false
		if msg.err != nil {
			a.warn("cannot start: " + msg.err.Error())
		}
		a.refresh(now)
	case savedMsg:
		if msg.err != nil {
			a.warn("the confirmation was not kept: " + msg.err.Error())
		}
	case keptMsg:
		switch {
		case msg.err != nil:
			a.warn(msg.err.Error())
		case msg.said != "":
			a.tell("COPIED", msg.said)
		}
	case profileMsg:
		a.profileSaved(msg)
	case doneMsg, probedMsg:
		a.refresh(now)
	case lostMsg:
		return a, a.leaveLost()
	case failedMsg:
		a.failure = msg.err
		return a, tea.Quit
	}
	a.redraw(now)
	return a, cmd
}

// refresh takes the newest snapshot.
func (a *app) refresh(now time.Time) {
	s := a.o.Run.Snapshot()
	fresh := s != a.snap
	if a.flying == 0 && (fresh && lastEvent(s) >= a.want.event || now.Sub(a.want.at) > wantLife) {
		a.want = want{}
	}
	if !fresh {
		return
	}
	a.dirty = true
	a.snap, a.snapAt = s, now
	if s.State == engine.Ended && a.endAt.IsZero() {
		a.endAt = now
		if a.prompt != nil && a.prompt.use == nil {
			a.prompt = nil // it would change a load that is gone
		}
		a.ask, a.kept, a.note = nil, nil, "" // the key line says how to leave
		a.topic, a.look.view = panel.NoHelp, 1
		a.outcome.Ended = true
	}
}

// lastEvent is the number of the newest event in a snapshot.
func lastEvent(s *engine.Snapshot) int {
	if n := len(s.Events); n > 0 {
		return s.Events[n-1].ID
	}
	return 0
}

// sort renews the order of the endpoints now and then: rows that jump cannot
// be read.
func (a *app) sort(s *engine.Snapshot, now time.Time) {
	n := len(s.View.Segments)
	if n == 0 || now.Sub(a.sorted) < sortGap {
		return
	}
	if es := s.View.Segments[n-1].Endpoints; len(es) > 0 {
		by := panel.ByWorst
		if a.look.view == int(layout.Endpoints) {
			by = a.look.sortBy
		}
		a.endpoints, a.sorted = panel.Order(es, by), now
	}
}

// rate measures the link once a second.
func (a *app) rate(now time.Time) {
	d := now.Sub(a.rated).Seconds()
	if d < 1 {
		return
	}
	sent := a.screen.sent()
	a.speed = fmt.Sprintf("%.0f fps %s kB/s", float64(a.frames)/d, units.Three(float64(sent-a.bytes)/1000/d))
	a.frames, a.bytes, a.rated = 0, sent, now
}

// state is what the cockpit itself adds to the picture.
func (a *app) state(now time.Time) layout.State {
	ui := layout.State{Now: now, Frozen: a.kept != nil, Link: a.speed, Keys: a.hints(), Endpoints: a.endpoints, ASCII: a.o.ASCII}
	a.look.show(a, &ui)
	if a.kept != nil {
		ui.Live = a.snap
	}
	if age := a.screen.age(); age > oldPicture {
		ui.Link = fmt.Sprintf("picture %.0f s old", age.Seconds())
	}
	life := noteLife
	if a.alert {
		life = alertLife
	}
	waits := a.note == firstHint && a.lastKey == ""
	if a.note != "" && (waits || now.Sub(a.noteAt) < life) {
		ui.Message, ui.Alert = a.note, a.alert
	}
	if a.prompt != nil {
		ui.Prompt = a.prompt.show(a, now)
	}
	if a.ask != nil {
		ui.Dialog = a.ask.show(a.height)
	}
	return ui
}

func (a *app) say(text string) { a.note, a.alert, a.noteAt, a.dirty = text, false, a.clock(), true }

func (a *app) warn(text string) {
	a.note, a.alert, a.noteAt, a.dirty = oneLine(text, 200), true, a.clock(), true
}

// tell says what must be read to its end: in a box, where the line is too short.
func (a *app) tell(title, text string) {
	const beside = 30 // the key that stops the load keeps its place in the line
	if canvas.Width(text) <= a.width-beside || a.prompt != nil || a.ask != nil {
		a.say(text)
		return
	}
	a.note = ""
	a.question(question{title: title, lines: strings.Split(text, "; "), answers: []answer{
		{keys: []string{"esc", "enter", "q"}, shown: "esc", does: "close"},
	}})
}

// mayRaise says why the load cannot be raised now, or "".
func (a *app) mayRaise() string {
	if age := a.screen.age(); age > oldPicture {
		return fmt.Sprintf("picture %.0f s old: not raised; lowering and stopping work", age.Seconds())
	}
	return ""
}

// order sends a change to the run. It comes back as an appliedMsg.
// What the setting will be is not known until a snapshot shows it.
func (a *app) order(do grammar.Change, by engine.By, from *prompt) tea.Cmd {
	a.want = want{blind: true, at: a.clock()}
	return a.send(engine.Order{Do: do, By: by, Gesture: a.gesture}, from)
}

func (a *app) send(o engine.Order, from *prompt) tea.Cmd {
	a.flying++
	sent := a.clock()
	return guarded(func() tea.Msg {
		applied, err := a.o.Run.Apply(o)
		return appliedMsg{order: o, applied: applied, err: err, from: from, sent: sent}
	})
}

// applied takes the answer to an order.
func (a *app) applied(msg appliedMsg, now time.Time) tea.Cmd {
	a.flying--
	do := msg.order.Do
	if msg.err != nil {
		a.want, a.next = want{}, nil // a step that waits was made out from what was refused
		a.warn(msg.err.Error())
		if p := msg.from; p != nil && a.prompt == nil && a.ask == nil {
			p.fail(msg.err.Error())
			a.prompt = p // to be mended and sent again
		}
	} else {
		if !a.alert && msg.sent.Sub(a.noteAt) > raiseGap {
			a.note = "" // of something before, which hides what was done now
		}
		a.want.event, a.want.rev = max(a.want.event, msg.applied.Event.ID), msg.applied.Rev
		if msg.applied.Clamped {
			a.say(a.ceilingText(do.Verb))
		}
		if do.Verb == grammar.Mark {
			a.say("marked: " + do.Text)
		}
	}
	a.refresh(now)
	if o := a.next; o != nil && a.flying == 0 {
		a.next = nil
		o.Rev = a.dialRev()
		return a.send(*o, nil)
	}
	return nil
}

func (a *app) ceilingText(v grammar.Verb) string {
	if v == grammar.Concurrency {
		return "held at the ceiling: concurrency " + number(float64(a.snap.Ceiling.Concurrency))
	}
	return "held at the ceiling: " + panel.Counted(a.snap, a.snap.Ceiling.Rate)
}

func (a *app) leaveLost() tea.Cmd {
	a.outcome.Lost = !a.outcome.Ended
	return tea.Quit
}

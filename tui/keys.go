package tui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"stoke/engine"
	"stoke/tui/layout"
	"stoke/tui/panel"
)

// Key is one row of the key table: what is pressed, what it is called and
// what it does. Behaviour, help and documentation come from the same row.
type Key struct {
	Names []string // as Bubble Tea names them
	Shown string   // as the help shows them
	Does  string
	Group string
	In    scope // the views in which it is this key; 0 is all of them
	Ended bool  // it works on the end screen
	// Load marks a key that changes the load by itself. One press raises it
	// by a quarter at most, or below 10 by one unit; what raises more asks
	// for enter first.
	Load bool
	// Raises lists those of Names that are refused while the picture is old.
	Raises []string

	do func(a *app, name string) tea.Cmd
}

// KeyDoc is a key as documentation shows it.
type KeyDoc struct {
	Keys, Does, Group string
	Load              bool // it changes the load
}

// The groups of keys: the topics of the help, in its order.
const (
	groupLoad  = "load"
	groupStop  = "stop"
	groupView  = "views"
	groupKeep  = "keep"
	groupOther = "cockpit"
)

// keyTable returns the key table: the one place where a key is declared.
func keyTable() []Key {
	return slices.Concat(loadKeys(), stopKeys(), viewKeys(), keepKeys(), []Key{
		{Names: []string{"?"}, Shown: "?", Does: "this help", Group: groupOther, Ended: true, do: help},
		{Names: []string{"ctrl+l"}, Shown: "ctrl+l", Does: "redraw", Group: groupOther, Ended: true, do: clear},
		{Names: []string{"ctrl+z"}, Shown: "ctrl+z", Does: "nothing: the run would stop with the cockpit", Group: groupOther, do: suspend},
	})
}

func loadKeys() []Key {
	keys := []Key{
		{Names: []string{"up", "down"}, Shown: "↑ ↓", Does: "rate: one notch up, down", Load: true, Raises: []string{"up"}, do: stepRate},
		{Names: []string{"right", "left"}, Shown: "→ ←", Does: "concurrency: one notch up, down", Load: true, Raises: []string{"right"}, do: stepConcurrency},
		{Names: []string{"shift+up", "shift+down", "+", "-"}, Shown: "shift+↑ ↓, + -", Does: "rate: fine, the third digit", Load: true,
			Raises: []string{"shift+up", "+"}, do: fineRate},
		{Names: []string{"shift+right", "shift+left"}, Shown: "shift+→ ←", Does: "concurrency: fine, the third digit", Load: true,
			Raises: []string{"shift+right"}, do: fineConcurrency},
		{Names: []string{"r"}, Shown: "r", Does: "type the rate: 2k, +10%, x2, 2k over 30s, max", do: typeRate},
		{Names: []string{"c"}, Shown: "c", Does: "type the concurrency: 64, +8, 20 cut", do: typeConcurrency},
		{Names: []string{"enter"}, Shown: "enter", Does: "start; resume at the shown rate; confirm", do: goOn},
		{Names: []string{"u"}, Shown: "u", Does: "undo one gesture; asks if that raises", Load: true, do: undo},
		{Names: []string{"p"}, Shown: "p", Does: "dials back to the phases; asks if that raises", Load: true, do: phases},
	}
	for i := range keys {
		keys[i].In = overview
	}
	keys = append(keys,
		Key{Names: []string{":"}, Shown: ":", Does: "type any command, as rate 2k over 30s, mark \"v2\"", do: typeCommand},
		Key{Names: []string{"U"}, Shown: "U", Does: "show what u would take back, step by step", do: undoStack})
	return grouped(groupLoad, keys)
}

func stopKeys() []Key {
	return grouped(groupStop, []Key{
		{Names: []string{"space"}, Shown: "space", Does: "load to zero at once; enter resumes", Load: true, do: pause},
		{Names: []string{"ctrl+c"}, Shown: "ctrl+c", Does: "LOAD TO ZERO, then end or go on? twice is !", Load: true, do: interrupt},
		{Names: []string{"!"}, Shown: "!", Does: "final stop: nothing leaves after 100 ms", Load: true, do: finalStop},
		{Names: []string{"q"}, Shown: "q", Does: "end the run; asks", do: end},
	})
}

func viewKeys() []Key {
	keys := []Key{
		{Names: []string{"1", "2", "3", "4", "5", "6"}, Shown: "1-6", Does: "overview latency outcomes endpoints settings machine", do: showView},
		{Names: []string{"tab", "shift+tab"}, Shown: "tab", Does: "the next view; with shift the one before", do: nextView},
		{Names: []string{"esc"}, Shown: "esc", Does: "back to the overview, where the keys drive the load", In: views, do: backToOverview},
		{Names: []string{"up", "down", "k", "j", "pgup", "pgdown", "home", "end"}, Shown: "↑ ↓, j k", Does: "in a view: move; also page up and down, home, end", In: views, do: move},
		{Names: []string{"/"}, Shown: "/", Does: "in endpoints: show those whose name holds a text", In: viewEndpoints, do: typeFilter},
		{Names: []string{"s", "left", "right"}, Shown: "s, ← →", Does: "in endpoints: sort by another column", In: viewEndpoints, do: sortEndpoints},
		{Names: []string{"c"}, Shown: "c", Does: "in settings: compare with this one; once more ends it", In: viewSettings, do: compareSetting},
		{Names: []string{"z"}, Shown: "z", Does: "charts over 3 min, 15 min, 1 h, all", do: nextSpan},
		{Names: []string{"x"}, Shown: "x", Does: "axis of times: decades, or in equal steps from 0", do: nextAxis},
		{Names: []string{"f"}, Shown: "f", Does: "freeze the picture; header and dials stay live", do: freeze},
	}
	for i := range keys {
		keys[i].Ended = keys[i].Names[0] != "f"
	}
	return grouped(groupView, keys)
}

func keepKeys() []Key {
	return grouped(groupKeep, []Key{
		{Names: []string{"m"}, Shown: "m", Does: "set a mark at this moment", do: mark},
		{Names: []string{"n"}, Shown: "n", Does: "begin a new segment", do: segment},
		{Names: []string{"y"}, Shown: "y", Does: "copy this picture: to the clipboard and into a file", Ended: true, do: copyPicture},
		{Names: []string{"S"}, Shown: "S", Does: "save what was driven as the phases of a profile", Ended: true, do: save},
	})
}

// grouped puts keys into a group.
func grouped(group string, keys []Key) []Key {
	for i := range keys {
		keys[i].Group = group
	}
	return keys
}

// keyNamed finds what a key is in the present view, or returns nil.
func (a *app) keyNamed(name string) *Key {
	for i := range a.keys {
		if k := &a.keys[i]; slices.Contains(k.Names, name) && k.In.has(a.look.view) {
			return k
		}
	}
	return nil
}

// elsewhere reports whether a key drives the load in the overview.
func (a *app) elsewhere(name string) bool {
	return slices.ContainsFunc(a.keys, func(k Key) bool { return k.In == overview && slices.Contains(k.Names, name) })
}

// KeyTable returns the keys of the cockpit in the order of its help.
func KeyTable() []KeyDoc {
	var docs []KeyDoc
	for _, k := range keyTable() {
		docs = append(docs, KeyDoc{Keys: k.Shown, Does: k.Does, Group: k.Group, Load: k.Load})
	}
	return docs
}

// keyName names a key; both enter keys are one.
func keyName(k tea.Key) string {
	switch k.Code {
	case tea.KeyKpEnter:
		return "enter"
	}
	return k.String()
}

// key does what a key press asks for in the present mode.
func (a *app) key(msg keyMsg, now time.Time) tea.Cmd {
	name := keyName(msg.key)
	held := name == a.lastKey && now.Sub(a.lastKeyAt) < gestureGap
	if !held {
		a.gesture++
	}
	quiet := a.lastKeyAt
	a.lastKey, a.lastKeyAt = name, now

	switch {
	case name == "ctrl+l":
		return clear(a, name)
	case name == "ctrl+c" && a.snap.State == engine.Ended:
		return tea.Quit
	case name == "ctrl+c":
		return interrupt(a, name)
	case a.prompt != nil:
		return a.prompt.key(a, msg.key, name, now)
	case a.ask != nil:
		return a.ask.key(a, name, now)
	case a.topic != panel.NoHelp && (a.snap.State != engine.Ended || name != "space" && name != "!"):
		return a.helpKey(name)
	}
	if a.snap.State == engine.Ended {
		return a.endKey(name, quiet, now)
	}
	k := a.keyNamed(name)
	if k == nil {
		if a.elsewhere(name) {
			a.say("no load keys in a view: esc goes back to the dials")
		}
		return nil
	}
	if slices.Contains(k.Raises, name) {
		if now.Sub(msg.at) > staleKey || now.Sub(a.raisedAt) < raiseGap || a.flying > 0 {
			return nil // too old, too soon, or the one before is not done
		}
		if why := a.mayRaise(); why != "" {
			a.warn(why)
			return nil
		}
	}
	return k.do(a, name)
}

// endKey is a key on the end screen, unless it was meant for what was there
// before: pressed too soon after the end, or held since. What drove the load
// does nothing any more, and what is no key leaves.
func (a *app) endKey(name string, before, now time.Time) tea.Cmd {
	if now.Sub(a.endAt) < grace || before.After(a.endAt.Add(-grace)) && now.Sub(before) < grace {
		return nil
	}
	k := a.keyNamed(name)
	switch {
	case k != nil && k.Ended:
		return k.do(a, name)
	case name == "enter" && a.o.Again:
		a.outcome.Again = true
		return tea.Quit
	case k != nil && k.Group == groupLoad:
		a.say("the run has ended: " + a.endWords())
		return nil
	}
	return tea.Quit
}

// endWords says what can be done at the end.
func (a *app) endWords() string {
	if a.o.Again {
		return "enter runs it again, q leaves"
	}
	return "q leaves"
}

// hints are the key line, the one that stops the load first.
func (a *app) hints() []layout.Hint {
	zero := layout.Hint{Key: "ctrl+c", Does: "LOAD TO ZERO"}
	switch {
	case a.prompt != nil:
		return []layout.Hint{zero, {Key: "enter", Does: "does it"}, {Key: "esc", Does: "leaves"}}
	case a.topic != panel.NoHelp:
		hints := []layout.Hint{{Key: "← → 1-" + panel.LastTopic.Number(), Does: "other topics"}, {Key: "esc", Does: "back"}}
		if a.snap.State == engine.Running || a.snap.State == engine.Paused {
			hints = append(hints, zero, layout.Hint{Key: "space", Does: "pause"})
		}
		return hints
	case a.look.view != 1:
		return a.viewHints(zero)
	case a.snap.State == engine.Ended:
		return a.endHints()
	}
	var first layout.Hint
	switch a.snap.State {
	case engine.Ready:
		return []layout.Hint{{Key: "enter", Does: "START"}, {Key: "↑↓", Does: "rate"}, {Key: "←→", Does: "concurrency"},
			{Key: "r c", Does: "type"}, {Key: ":", Does: "command"}, {Key: "?", Does: "help"}, {Key: "q", Does: "leave"}}
	case engine.Paused:
		first = layout.Hint{Key: "enter", Does: "resume at " + panel.RateOf(a.snap)}
	case engine.Stopping:
		return []layout.Hint{{Key: "!", Does: "stop now"}, {Key: "?", Does: "help"}}
	default:
		first = layout.Hint{Key: "space", Does: "pause"}
	}
	return []layout.Hint{zero, {Key: "↑↓", Does: "rate"}, {Key: "←→", Does: "concurrency"}, first, {Key: "r c", Does: "type", Spare: 1},
		{Key: "1-6", Does: "views", Spare: 3}, {Key: ":", Does: "command", Spare: 2}, {Key: "?", Does: "help"}, {Key: "q", Does: "end", Spare: 4}}
}

// viewHints are the key line of a view.
func (a *app) viewHints(zero layout.Hint) []layout.Hint {
	hints := []layout.Hint{{Key: "esc", Does: "back"}, {Key: "1-6 tab", Does: "views"}, {Key: "↑↓", Does: "move"}}
	switch a.look.view {
	case 2:
		hints = append(hints, layout.Hint{Key: "z", Does: "span"}, layout.Hint{Key: "x", Does: "axis"})
	case 4:
		hints = append(hints, layout.Hint{Key: "/", Does: "filter"}, layout.Hint{Key: "s", Does: "sort"})
	case 5:
		hints = append(hints, layout.Hint{Key: "c", Does: "compare with"})
	}
	if a.snap.State == engine.Paused {
		hints[0].Does = "back, where enter resumes"
	}
	hints = append(hints, layout.Hint{Key: "y", Does: "copy"})
	switch a.snap.State {
	case engine.Ended:
		return append(hints, layout.Hint{Key: "S", Does: "save"})
	case engine.Running:
		return append(hints, zero, layout.Hint{Key: "space", Does: "pause"}, layout.Hint{Key: "?", Does: "help"})
	}
	return append(hints, zero, layout.Hint{Key: "?", Does: "help"})
}

// endHints are the key line of the end screen.
func (a *app) endHints() []layout.Hint {
	var hints []layout.Hint
	if a.o.Keep.Profile != nil {
		hints = append(hints, layout.Hint{Key: "S", Does: "save"})
	}
	if a.o.Again {
		hints = append(hints, layout.Hint{Key: "enter", Does: "again"})
	}
	return append(hints, layout.Hint{Key: "q", Does: "leave"}, layout.Hint{Key: "5", Does: "compare settings"}, layout.Hint{Key: "1-6", Does: "views"},
		layout.Hint{Key: "y", Does: "copy"}, layout.Hint{Key: "?", Does: "help"})
}

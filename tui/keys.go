package tui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"stoke/engine"
	"stoke/tui/layout"
)

// Key is one row of the key table: what is pressed, what it is called and
// what it does. Behaviour, help and documentation come from the same row.
type Key struct {
	Names []string // as Bubble Tea names them
	Shown string   // as the help shows them
	Does  string
	Group string
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

// The groups of keys, in the order of the help.
const (
	groupLoad  = "load"
	groupStop  = "stop"
	groupRun   = "run"
	groupOther = "cockpit"
)

// keyTable returns the key table: the one place where a key is declared.
func keyTable() []Key {
	return []Key{
		{Names: []string{"up", "down"}, Shown: "↑ ↓", Does: "rate: one notch up, down", Group: groupLoad, Load: true,
			Raises: []string{"up"}, do: stepRate},
		{Names: []string{"right", "left"}, Shown: "→ ←", Does: "concurrency: one notch up, down", Group: groupLoad, Load: true,
			Raises: []string{"right"}, do: stepConcurrency},
		{Names: []string{"shift+up", "shift+down", "+", "-"}, Shown: "shift+↑ ↓, + -", Does: "rate: fine, the third digit", Group: groupLoad, Load: true,
			Raises: []string{"shift+up", "+"}, do: fineRate},
		{Names: []string{"shift+right", "shift+left"}, Shown: "shift+→ ←", Does: "concurrency: fine, the third digit", Group: groupLoad, Load: true,
			Raises: []string{"shift+right"}, do: fineConcurrency},
		{Names: []string{"r"}, Shown: "r", Does: "type the rate: 2k, +10%, x2, 2k over 30s, max", Group: groupLoad, do: typeRate},
		{Names: []string{"c"}, Shown: "c", Does: "type the concurrency: 64, +8, 20 cut", Group: groupLoad, do: typeConcurrency},
		{Names: []string{":"}, Shown: ":", Does: "type any command: rate 2k over 30s, late shed, mark \"v2\"", Group: groupLoad, do: typeCommand},
		{Names: []string{"enter"}, Shown: "enter", Does: "start; resume at the shown rate; confirm", Group: groupLoad, do: goOn},
		{Names: []string{"u"}, Shown: "u", Does: "undo one gesture; asks if that raises", Group: groupLoad, Load: true, do: undo},
		{Names: []string{"p"}, Shown: "p", Does: "give the dials back to the phases; asks if that raises", Group: groupLoad, Load: true, do: phases},

		{Names: []string{"space"}, Shown: "space", Does: "load to zero at once; enter resumes", Group: groupStop, Load: true, do: pause},
		{Names: []string{"ctrl+c"}, Shown: "ctrl+c", Does: "LOAD TO ZERO, then: end or go on? twice stops for good", Group: groupStop, Load: true, do: interrupt},
		{Names: []string{"!"}, Shown: "!", Does: "final stop: nothing leaves after 100 ms", Group: groupStop, Load: true, do: finalStop},
		{Names: []string{"q"}, Shown: "q", Does: "end the run; asks", Group: groupStop, do: end},

		{Names: []string{"m"}, Shown: "m", Does: "set a mark at this moment", Group: groupRun, do: mark},
		{Names: []string{"n"}, Shown: "n", Does: "begin a new segment", Group: groupRun, do: segment},
		{Names: []string{"f"}, Shown: "f", Does: "freeze the picture; header and dials stay live", Group: groupRun, do: freeze},

		{Names: []string{"?"}, Shown: "?", Does: "this help", Group: groupOther, do: help},
		{Names: []string{"ctrl+l"}, Shown: "ctrl+l", Does: "redraw", Group: groupOther, do: clear},
		{Names: []string{"ctrl+z"}, Shown: "ctrl+z", Does: "nothing: the run would stop with the cockpit", Group: groupOther, do: suspend},
	}
}

// keyNamed finds a key, or returns nil.
func (a *app) keyNamed(name string) *Key {
	for i := range a.keys {
		if slices.Contains(a.keys[i].Names, name) {
			return &a.keys[i]
		}
	}
	return nil
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
	case a.snap.State == engine.Ended:
		return a.endKey(name, quiet, now)
	case name == "ctrl+c":
		return interrupt(a, name)
	case a.prompt != nil:
		return a.prompt.key(a, msg.key, name, now)
	case a.ask != nil:
		return a.ask.key(a, name, now)
	}
	k := a.keyNamed(name)
	if k == nil {
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

// endKey leaves the end screen, unless the key was meant for what was there
// before: pressed too soon after the end, or held since.
func (a *app) endKey(name string, before, now time.Time) tea.Cmd {
	if name != "ctrl+c" && (now.Sub(a.endAt) < grace || before.After(a.endAt.Add(-grace)) && now.Sub(before) < grace) {
		return nil
	}
	return tea.Quit
}

// hints are the key line, the one that stops the load first.
func (a *app) hints() []layout.Hint {
	zero := layout.Hint{Key: "ctrl+c", Does: "LOAD TO ZERO"}
	switch {
	case a.snap.State == engine.Ended:
		return []layout.Hint{{Key: "any key", Does: "leaves"}}
	case a.prompt != nil:
		return []layout.Hint{zero, {Key: "enter", Does: "does it"}, {Key: "esc", Does: "leaves"}}
	}
	var first layout.Hint
	switch a.snap.State {
	case engine.Ready:
		return []layout.Hint{{Key: "enter", Does: "START"}, {Key: "↑↓", Does: "rate"}, {Key: "←→", Does: "concurrency"},
			{Key: "r c", Does: "type"}, {Key: ":", Does: "command"}, {Key: "?", Does: "help"}, {Key: "q", Does: "leave"}}
	case engine.Paused:
		first = layout.Hint{Key: "enter", Does: "resume at " + dialRate(a.snap.Dial)}
	case engine.Stopping:
		return []layout.Hint{{Key: "!", Does: "stop now"}, {Key: "?", Does: "help"}}
	default:
		first = layout.Hint{Key: "space", Does: "pause"}
	}
	return []layout.Hint{zero, {Key: "↑↓", Does: "rate"}, {Key: "←→", Does: "concurrency"}, first, {Key: "r c", Does: "type"},
		{Key: ":", Does: "command"}, {Key: "?", Does: "help"}, {Key: "q", Does: "end"}}
}

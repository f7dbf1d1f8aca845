package layout

import (
	"time"

	"stoke/engine"
	"stoke/tui/theme"
)

// State is what the cockpit itself adds to a frame.
type State struct {
	Now      time.Time     // local time for the header
	Frozen   bool          // the panels show a kept snapshot
	Live     *engine.Snapshot // when Frozen: the newest, for header and dials
	Message  string        // what was done last, or why a key was refused
	Alert    bool          // Message is a refusal or an error
	Prompt   *Prompt       // a line being typed, in place of the key line
	Dialog   *Dialog       // a box over the picture
	Keys     []Hint        // the key line, most important first
	Link     string        // "8 fps 9 kB/s", or why the picture is old
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
type Hint struct{ Key, Does string }

// Frame draws the screen: exactly h lines of at most w cells, without a final
// newline, at every size from 1x1.
func Frame(s *engine.Snapshot, ui State, w, h int, t *theme.Theme) string { return "" }

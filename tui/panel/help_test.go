package panel

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"stoke/profiles"
	"stoke/profiles/grammar"
	"stoke/tui/canvas"
	"stoke/tui/theme"
)

var manyKeys = func() (docs []KeyDoc) {
	for _, d := range []struct {
		group string
		topic Topic
		n     int
	}{{"driving the load", HelpKeys, 11}, {"stopping", HelpKeys, 4}, {"looking", HelpViews, 10}, {"keeping", HelpViews, 4}, {"the cockpit", HelpViews, 4}} {
		for range d.n {
			docs = append(docs, KeyDoc{Keys: "shift+↑ ↓, + -", Does: "one notch up or down, of the third digit", Group: d.group, Topic: d.topic})
		}
	}
	return docs
}()

func drawn(w, h int, f func(r canvas.Region)) string {
	c := canvas.New(w, h)
	f(c.All())
	return ansi.Strip(c.String(theme.Plain(), false))
}

// Each topic is whole on a terminal of 80 by 24: nothing is left out below, and
// no sentence is cut.
func TestHelpFitsOneScreen(t *testing.T) {
	for topic := HelpKeys; topic <= LastTopic; topic++ {
		got := drawn(80, 22, func(r canvas.Region) { Help(r, topic, manyKeys) })
		whole := drawn(80, 60, func(r canvas.Region) { Help(r, topic, manyKeys) })
		words := func(s string) int { return len(strings.Fields(strings.NewReplacer("│", "", "─", "").Replace(s))) }
		// The numbers row under the commands is the only thing that may go.
		if lost := words(whole) - words(got); lost > 0 && topic != HelpCommands && topic != HelpRates {
			t.Errorf("%v: %d words are lost:\n%s", topic, lost, got)
		}
		if strings.Contains(got, "…") {
			t.Errorf("%v: a sentence is cut:\n%s", topic, got)
		}
	}
	commands := drawn(80, 22, func(r canvas.Region) { Help(r, HelpCommands, nil) }) + drawn(80, 22, func(r canvas.Region) { Help(r, HelpRates, nil) })
	for _, v := range grammar.Verbs() {
		if !strings.Contains(commands, v.Form) {
			t.Errorf("no %q in the help:\n%s", v.Form, commands)
		}
	}
}

func TestHelpNeverFails(t *testing.T) {
	for w := range 60 {
		for _, h := range []int{0, 1, 3, 8, 20} {
			for topic := range LastTopic + 3 {
				drawn(w, h, func(r canvas.Region) { Help(r, topic, manyKeys) })
			}
		}
	}
}

func TestTheExampleIsAProfile(t *testing.T) {
	if _, err := profiles.Read("example.yaml", []byte(ProfileExample)); err != nil {
		t.Error(err)
	}
}

func TestTopicsGoRound(t *testing.T) {
	if HelpProfiles.Next(1) != HelpKeys || HelpKeys.Next(-1) != HelpProfiles || HelpKeys.Next(1) != HelpViews {
		t.Error("the topics do not go round")
	}
}

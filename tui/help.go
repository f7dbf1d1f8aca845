package tui

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"stoke/tui/panel"
)

func help(a *app, _ string) tea.Cmd {
	a.topic = panel.HelpKeys
	if a.look.view != 1 {
		a.topic = panel.HelpViews
	}
	return nil
}

// helpKey leafs through the help, which stands in place of the picture. The
// keys that take the load away work in it; all others close it.
func (a *app) helpKey(name string) tea.Cmd {
	switch name {
	case "right", "tab", "down", "j":
		a.topic = a.topic.Next(1)
		return nil
	case "left", "shift+tab", "up", "k":
		a.topic = a.topic.Next(-1)
		return nil
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 1 && n <= int(panel.LastTopic) {
		a.topic = panel.Topic(n)
		return nil
	}
	a.topic = panel.NoHelp
	switch name {
	case "!", "space":
		return a.keyNamed(name).do(a, name)
	}
	return nil
}

// helpDocs are the keys for the help.
func helpDocs() []panel.KeyDoc {
	var docs []panel.KeyDoc
	for _, k := range KeyTable() {
		topic := panel.HelpViews
		if k.Group == groupLoad || k.Group == groupStop {
			topic = panel.HelpKeys
		}
		docs = append(docs, panel.KeyDoc{Keys: k.Keys, Does: k.Does, Group: k.Group, Topic: topic})
	}
	return docs
}

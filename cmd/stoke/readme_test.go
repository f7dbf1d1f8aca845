package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"stoke/profiles"
	"stoke/profiles/grammar"
	"stoke/tui"
)

var update = flag.Bool("update", false, "write the generated tables into README.md")

// TestReadmeTables: the tables of README are what the program declares.
func TestReadmeTables(t *testing.T) {
	const path = "../../README.md"
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	after := string(before)
	for name, table := range map[string]string{"keys": keysTable(), "grammar": grammarTable(), "profile": profileTable()} {
		if after, err = between(after, name, table); err != nil {
			t.Fatal(err)
		}
	}
	if after == string(before) {
		return
	}
	if *update {
		if err := os.WriteFile(path, []byte(after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Error("README.md is not what the program declares: go test ./cmd/stoke -run TestReadme -update")
}

// TestReadmeProfile: the profile that README shows is a valid one.
func TestReadmeProfile(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "```yaml\n")
	example, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatal("README.md shows no profile")
	}
	if _, err := profiles.Read("README.md", []byte(example)); err != nil {
		t.Error(err)
	}
}

// TestReadmeNamesEveryCommand: no command is missing from README's table.
func TestReadmeNamesEveryCommand(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range newApp().root().Commands() {
		if !strings.Contains(string(text), "`stoke "+c.Name()) {
			t.Errorf("README.md does not mention stoke %s", c.Name())
		}
	}
}

// between replaces what stands between the markers of a table.
func between(text, name, table string) (string, error) {
	begin, end := "<!-- "+name+": ", "<!-- end of "+name+" -->"
	i := strings.Index(text, begin)
	j := strings.Index(text, end)
	if i < 0 || j < i {
		return "", fmt.Errorf("README.md has no markers for %s", name)
	}
	i += strings.Index(text[i:], "\n") + 1
	return text[:i] + table + text[j:], nil
}

// cell makes a text safe within a table of Markdown.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func keysTable() string {
	var b strings.Builder
	b.WriteString("| key | does |\n|---|---|\n")
	for _, k := range tui.KeyTable() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", cell(k.Keys), cell(k.Does))
	}
	return b.String()
}

func grammarTable() string {
	var b strings.Builder
	b.WriteString("| write | it does | in phases | while it runs |\n|---|---|---|---|\n")
	mark := map[bool]string{true: "yes", false: ""}
	for _, v := range grammar.Verbs() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", cell(v.Form), cell(v.Does), mark[v.Phase], mark[v.Live])
	}
	return b.String()
}

func profileTable() string {
	var b strings.Builder
	b.WriteString("| key | example | default | meaning |\n|---|---|---|---|\n")
	for _, k := range profiles.Keys() {
		standard := k.Default
		if k.Required {
			standard = "required"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", k.Key, cell(k.Form), cell(standard), cell(k.Doc))
	}
	return b.String()
}

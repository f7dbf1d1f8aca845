package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"stoke/profiles"
	"stoke/profiles/grammar"
	"stoke/profiles/template"
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

// TestReadmeProfiles: each profile that README shows is a valid one, as far as
// it is shown.
func TestReadmeProfiles(t *testing.T) {
	parts := strings.Split(readme(t), "```yaml\n")[1:]
	if len(parts) < 6 {
		t.Fatalf("README.md shows %d profiles", len(parts))
	}
	for _, part := range parts {
		example, _, closed := strings.Cut(part, "```")
		if !closed {
			t.Fatalf("not closed: %.80s", part)
		}
		if !strings.HasPrefix(example, "stoke: 1\n") {
			example = "stoke: 1\ntarget: http://127.0.0.1:8080\n" + example
		}
		if _, err := profiles.Read("README.md", []byte(example)); err != nil {
			t.Errorf("%v\n%s", err, example)
		}
	}
}

// TestReadmePlaceholders: README's table of placeholders is one of what there
// is, with all that a made-up person has.
func TestReadmePlaceholders(t *testing.T) {
	_, table, ok := strings.Cut(readme(t), "| placeholder | stands for |\n")
	if !ok {
		t.Fatal("README.md has no table of placeholders")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	kinds := map[template.Kind]bool{}
	for _, cell := range strings.Split(table, "`") {
		parsed, err := template.Parse(cell)
		if err != nil {
			if cell != "${" {
				t.Errorf("%s: %v", cell, err)
			}
			continue
		}
		for _, part := range parsed.Refs() {
			kinds[part.Ref.Kind] = true
		}
	}
	for kind := template.Column; kind <= template.Fake; kind++ {
		if !kinds[kind] && kind != template.Header { // only a poll knows it
			t.Errorf("README.md shows no placeholder of kind %v", kind)
		}
	}
	if want := "`" + strings.Join(template.FakeNames(), "`, `") + "`"; !strings.Contains(table, want) {
		t.Errorf("a made-up person has %s", want)
	}
}

// TestReadmeCommands: each kind of import and each command on profiles that
// README shows is there, with its flags.
func TestReadmeCommands(t *testing.T) {
	shown := 0
	for line := range strings.Lines(readme(t)) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) < 3 || words[0] != "stoke" || words[1] != "import" && words[1] != "profiles" {
			continue
		}
		shown++
		cmd, args, err := newApp().root().Find(words[1:])
		if err == nil {
			err = cmd.ParseFlags(args)
		}
		if err == nil && cmd.Args != nil {
			err = cmd.Args(cmd, cmd.Flags().Args())
		}
		if err != nil || cmd.Name() != words[2] {
			t.Errorf("%s: %s, %v", line, cmd.CommandPath(), err)
		}
	}
	if shown < 10 {
		t.Errorf("README.md shows %d commands", shown)
	}
}

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
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

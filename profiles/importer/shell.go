package importer

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// command is a command line in words.
type command struct {
	line  int
	words []string
}

// shellCommands reads the commands named name from a text: lines for bash as
// for cmd.exe, from scripts and from the clipboard. A variable that the text
// does not set itself becomes a hole. Of other commands only the names are
// returned.
func (m *mix) shellCommands(data []byte, name string) (found []command, others []string, err error) {
	if forCmd(data) {
		return m.cmdCommands(data, name)
	}
	s := &shell{mix: m, name: name, vars: map[string]string{}}
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(bytes.NewReader(prompts().ReplaceAll(data, nil)), "")
	if err != nil {
		e := m.fail("it is no command line that can be read", "copy it again as cURL (bash); a quote may be missing")
		var parse syntax.ParseError
		var lang syntax.LangError
		switch {
		case errors.As(err, &parse):
			e.Line, e.Column = int(parse.Pos.Line()), int(parse.Pos.Col())
			e.Msg = "it is no command line: " + printable(parse.Text)
		case errors.As(err, &lang):
			e.Line, e.Column = int(lang.Pos.Line()), int(lang.Pos.Col())
		}
		return nil, nil, e
	}
	syntax.Walk(file, s.visit)
	return s.found, s.others, nil
}

// prompts matches what stands before a command that was copied from a terminal.
var prompts = lazily(`(?m)^[ \t]*[$>] (?:[ \t]*)`)

// shell walks through a script without running it.
type shell struct {
	*mix
	name   string
	vars   map[string]string
	found  []command
	others []string
}

func (s *shell) visit(node syntax.Node) bool {
	c, ok := node.(*syntax.CallExpr)
	if !ok {
		if d, declares := node.(*syntax.DeclClause); declares {
			s.assign(d.Args)
		}
		return true
	}
	if len(c.Args) == 0 {
		s.assign(c.Assigns)
		return true
	}
	line := int(c.Pos().Line())
	var words []string
	for _, w := range c.Args {
		words = append(words, s.word(line, w.Parts))
	}
	for i, word := range words {
		base := word[strings.LastIndexAny(word, `/\`)+1:]
		if base == s.name || base == s.name+".exe" {
			s.found = append(s.found, command{line, words[i+1:]})
			return true
		}
		if i == 4 { // time, sudo, env and their like stand before it
			break
		}
	}
	s.others = append(s.others, words[0])
	return true
}

func (s *shell) assign(list []*syntax.Assign) {
	for _, a := range list {
		if a.Name != nil && a.Value != nil && len(s.vars) < 1000 {
			s.vars[a.Name.Value] = s.word(int(a.Pos().Line()), a.Value.Parts)
		}
	}
}

// word is the text of a word. What would have to be run is left out.
func (s *shell) word(line int, parts []syntax.WordPart) string {
	var b strings.Builder
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.Lit:
			b.WriteString(unescaped(p.Value, ""))
		case *syntax.SglQuoted:
			if !p.Dollar {
				b.WriteString(p.Value)
			} else if text, _, err := expand.Format(nil, p.Value, nil); err == nil {
				b.WriteString(text)
			} else {
				b.WriteString(p.Value)
			}
		case *syntax.DblQuoted:
			for _, inner := range p.Parts {
				if lit, ok := inner.(*syntax.Lit); ok {
					b.WriteString(unescaped(lit.Value, "\"\\$`\n"))
				} else {
					b.WriteString(s.word(line, []syntax.WordPart{inner}))
				}
			}
		case *syntax.ParamExp:
			b.WriteString(s.variable(line, p))
		default:
			s.note(fmt.Sprintf("line %d", line), "what the shell would have run in a word was left out: write its result")
		}
	}
	return b.String()
}

func (s *shell) variable(line int, p *syntax.ParamExp) string {
	if p.Param == nil {
		return ""
	}
	name := p.Param.Value
	if value, set := s.vars[name]; set {
		return value
	}
	if !envForm().MatchString(name) {
		s.note(fmt.Sprintf("line %d", line), "$%s was left out: only its name is known", printable(name))
		return ""
	}
	s.vault.mention(name, "variable of the command", fmt.Sprintf("line %d", line))
	return hole("env." + name)
}

// envForm matches a variable that a profile can refer to.
var envForm = lazily(`^[A-Za-z_][A-Za-z0-9_]{0,60}$`)

// unescaped takes the backslashes away that quote a character: any, or within
// double quotes one of only.
func unescaped(text, only string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && (only == "" || strings.IndexByte(only, text[i+1]) >= 0) {
			i++
			if text[i] == '\n' {
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// forCmd reports whether command lines were copied for cmd.exe: carets quote
// and continue them.
func forCmd(data []byte) bool {
	return caretEnd().Match(data) || bytes.Contains(data, []byte(`^"`)) && !bytes.Contains(data, []byte(" '"))
}

var caretEnd = lazily(`(?m)[ \t]\^\r?$`)

// cmdCommands reads command lines for cmd.exe as it and the C library of
// Windows split them: first carets, then quotes and backslashes.
func (m *mix) cmdCommands(data []byte, name string) (found []command, others []string, err error) {
	chrome := bytes.Contains(data, []byte(`^"`))
	for _, l := range cmdLines(string(data)) {
		words, open := splitWindows(l.text, chrome)
		if open {
			return nil, nil, &Error{File: m.file(), Line: l.line, Msg: "a quote is not closed", Hint: "copy it again as cURL (cmd)"}
		}
		for i, w := range words {
			base := strings.TrimSuffix(w[strings.LastIndexAny(w, `/\`)+1:], ".exe")
			if base == name {
				found = append(found, command{l.line, words[i+1:]})
				break
			}
			if i == len(words)-1 || i == 2 {
				others = append(others, words[0])
				break
			}
		}
	}
	return found, others, nil
}

type cmdLine struct {
	line int
	text string
}

// cmdLines takes the carets away and splits at the line ends and & signs that
// are not quoted.
func cmdLines(text string) []cmdLine {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	var lines []cmdLine
	var b strings.Builder
	at, began, within := 1, 1, false
	end := func() {
		if t := strings.TrimSpace(b.String()); t != "" && !strings.HasPrefix(strings.ToLower(t), "rem ") {
			lines = append(lines, cmdLine{began, t})
		}
		b.Reset()
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		if b.Len() == 0 {
			began = at
		}
		switch {
		case c == '^' && !within && i+1 < len(text):
			i++
			if text[i] == '\n' { // continued; a second line end is the character itself
				at++
				if i+1 < len(text) && text[i+1] == '\n' {
					i++
					at++
					b.WriteByte('\n')
				}
				continue
			}
			b.WriteByte(text[i])
			if text[i] == '\n' {
				at++
			}
		case c == '"':
			within = !within
			b.WriteByte(c)
		case c == '\n' || c == '&' && !within:
			if c == '\n' {
				at++
			}
			within = false
			end()
		default:
			b.WriteByte(c)
		}
	}
	end()
	return lines
}

// splitWindows splits a command line into words as programs on Windows do, and
// reports whether a quote was left open. Chrome doubles every backslash, also
// where Windows takes two for two: there they are one again, as the browser sent
// it.
func splitWindows(text string, chrome bool) (words []string, open bool) {
	var b strings.Builder
	started := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\':
			n := 0
			for i+n < len(text) && text[i+n] == '\\' {
				n++
			}
			quote := i+n < len(text) && text[i+n] == '"'
			if !quote {
				if chrome {
					b.WriteString(strings.Repeat(`\`, (n+1)/2))
				} else {
					b.WriteString(strings.Repeat(`\`, n))
				}
				i += n - 1
			} else {
				b.WriteString(strings.Repeat(`\`, n/2))
				i += n - 1
				if n%2 == 1 {
					b.WriteByte('"')
					i++
				}
			}
			started = true
		case c == '"' && open && i+1 < len(text) && text[i+1] == '"':
			b.WriteByte('"')
			i++
		case c == '"':
			open = !open
			started = true
		case (c == ' ' || c == '\t' || c == '\n') && !open:
			if started {
				words = append(words, b.String())
				b.Reset()
				started = false
			}
		default:
			b.WriteByte(c)
			started = true
		}
	}
	if started {
		words = append(words, b.String())
	}
	return words, open
}

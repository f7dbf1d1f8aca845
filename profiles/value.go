package profiles

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// place is a position in a file, both from 1.
type place struct{ line, column int }

func placeOf(tk *token.Token) place {
	if tk == nil || tk.Position == nil {
		return place{1, 1}
	}
	return place{max(1, tk.Position.Line), max(1, tk.Position.Column)}
}

// decoder collects the problems of one file.
type decoder struct {
	lines    []string
	problems []Problem

	here     where // what is being read
	uses     []use // of placeholders so far
	crowded  bool  // there were more of them than are looked at
	mentions []Mention
}

func (d *decoder) fail(at place, msg, hint string) {
	d.problems = append(d.problems, Problem{Line: at.line, Column: at.column, Msg: msg, Hint: hint})
}

// value is a node of the tree and the place to blame for it.
type value struct {
	*decoder
	node ast.Node
	at   place
}

// value wraps a node; a node without a text of its own is blamed on fallback.
func (d *decoder) value(node ast.Node, fallback place) value {
	v := value{d, node, fallback}
	switch n := node.(type) {
	case nil:
	case *ast.NullNode:
		if v.saysNull() {
			v.at = placeOf(n.Token)
		}
	case *ast.MappingNode:
		if n.IsFlowStyle || len(n.Values) == 0 {
			v.at = placeOf(n.GetToken())
		} else {
			v.at = placeOf(n.Values[0].Key.GetToken())
		}
	case *ast.MappingValueNode:
		v.at = placeOf(n.Key.GetToken())
	default:
		v.at = placeOf(node.GetToken())
	}
	return v
}

// wrong reports that the value is not what it must be.
func (v value) wrong(msg, hint string) { v.fail(v.at, msg, hint) }

// wrongAt reports a mistake at a byte of the value's text.
func (v value) wrongAt(text string, offset int, msg, hint string) {
	v.fail(v.locate(text, offset), msg, hint)
}

// locate finds a byte of the value's text in the file.
func (v value) locate(text string, offset int) place { return v.finder(text)(offset) }

// finder returns what finds bytes of the value's text in the file, asked in
// their order: exactly where the text stands there as it is, or its line does;
// else a placeholder is looked for, and all else is at the beginning of the
// value. Finding them all takes about as long as finding one: a text may hold
// many.
func (v value) finder(text string) func(offset int) place {
	if _, block := v.node.(*ast.LiteralNode); block {
		return v.lineFinder(text)
	}
	at := v.at
	if at.line > len(v.lines) {
		return func(int) place { return at }
	}
	line := v.lines[at.line-1]
	rest := line[byteOf(line, at.column):]
	quote := ""
	if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
		quote = rest[:1]
	}
	done, column := 0, at.column // bytes of rest, and the column behind them
	move := func(to int) int {
		column += utf8.RuneCountInString(rest[done:to])
		done = to
		return column
	}
	if strings.HasPrefix(rest, quote+text) {
		return func(offset int) place {
			return place{at.line, move(max(done, len(quote)+min(offset, len(text))))}
		}
	}
	return func(offset int) place { // written with escapes or over several lines
		word, ok := placeholderAt(text[min(offset, len(text)):])
		if !ok {
			return at
		}
		i := strings.Index(rest[done:], word)
		if i < 0 {
			return at
		}
		return place{at.line, move(done + i)}
	}
}

// byteOf is the offset of a column, from 1, in a line.
func byteOf(line string, column int) int {
	for i := range line {
		if column--; column < 1 {
			return i
		}
	}
	return len(line)
}

// lineFinder is finder for a text that stands in lines of its own, behind a |
// or a >.
func (v value) lineFinder(text string) func(offset int) place {
	nth := v.at.line + 1           // the line in the file, from 1
	begin, done, column := 0, 0, 0 // where that line begins in text, what was passed, and the column there; 0: not looked for yet
	return func(offset int) place {
		offset = max(done, min(offset, len(text)))
		if last := strings.LastIndexByte(text[done:offset], '\n'); last >= 0 {
			nth += strings.Count(text[done:offset], "\n")
			begin, column = done+last+1, 0
			done = begin
		}
		if column == 0 {
			line, _, _ := strings.Cut(text[begin:], "\n")
			if nth > len(v.lines) || line == "" {
				return v.at
			}
			i := strings.Index(v.lines[nth-1], line)
			if i < 0 {
				return v.at
			}
			column = 1 + utf8.RuneCountInString(v.lines[nth-1][:i])
			done = begin
		}
		column += utf8.RuneCountInString(text[done:offset])
		done = offset
		return place{nth, column}
	}
}

// isNull reports that nothing was written.
func (v value) isNull() bool {
	_, null := v.node.(*ast.NullNode)
	return null || v.node == nil
}

// saysNull reports that null was written.
func (v value) saysNull() bool {
	n, null := v.node.(*ast.NullNode)
	return null && n.Token != nil && n.Token.Type == token.NullType
}

// kind names what was written, for messages.
func (v value) kind() string {
	switch v.node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a map"
	case *ast.SequenceNode:
		return "a list"
	case *ast.BoolNode:
		return "true or false"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	}
	return "nothing"
}

// text returns a value that must be text.
func (v value) text() (string, bool) {
	switch n := v.node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		v.wrong("text is needed here, not "+v.kind(), "quote it: \""+printable(v.node.GetToken().Value)+"\"")
	default:
		v.wrong("text is needed here, not "+v.kind(), "")
	}
	return "", false
}

// line returns a value that must be text on one line, which is shown on
// screens: nothing in it may move a cursor.
func (v value) line(most int) (string, bool) {
	text, ok := v.text()
	switch {
	case !ok:
		return "", false
	case strings.TrimSpace(text) == "":
		v.wrong("this is empty", "")
	case text != printable(text):
		v.wrong("this holds a character that cannot be shown", "write it on one line of plain text")
	case utf8.RuneCountInString(text) > most:
		v.wrong(fmt.Sprintf("this is longer than %d characters", most), "")
	case strings.Contains(text, "${"):
		v.placeholder()
	default:
		return text, true
	}
	return "", false
}

// placeholder refuses ${…} where nothing is filled in.
func (v value) placeholder() {
	v.wrong("no placeholder is filled in here", "write the value out; ${…} may stand in paths, headers and bodies")
}

// scalar returns the text of a single value as it was written: a number, or
// text that a number with a unit may be.
func (v value) scalar() (string, bool) {
	switch n := v.node.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	case *ast.StringNode:
		return n.Value, true
	}
	v.wrong("a single value is needed here, not "+v.kind(), "")
	return "", false
}

// flag returns a value that must be true or false.
func (v value) flag() (bool, bool) {
	if n, ok := v.node.(*ast.BoolNode); ok {
		return n.Value, true
	}
	v.wrong("write true or false here, not "+v.kind(), "")
	return false, false
}

// measured reads a scalar in the units of the grammar.
func measured[T any](v value, read func(string) (T, error), into *T) bool {
	text, ok := v.scalar()
	if !ok {
		return false
	}
	got, err := read(text)
	if err != nil {
		v.refused(text, err)
		return false
	}
	*into = got
	return true
}

// items returns the values of a list.
func (v value) items(hint string) ([]value, bool) {
	list, ok := v.node.(*ast.SequenceNode)
	if !ok {
		v.wrong("a list is needed here, not "+v.kind(), hint)
		return nil, false
	}
	values := make([]value, 0, len(list.Values))
	for i, node := range list.Values {
		at := v.at
		if i < len(list.Entries) && list.Entries[i] != nil && list.Entries[i].Start != nil {
			at = placeOf(list.Entries[i].Start)
		}
		values = append(values, v.value(node, at))
	}
	return values, true
}

// inFlow reports whether a list was written in brackets.
func (v value) inFlow() bool {
	list, ok := v.node.(*ast.SequenceNode)
	return ok && list.IsFlowStyle
}

// entry is a key and its value.
type entry struct {
	key   string
	at    place // of the key
	value value
}

// entries returns a map's keys and values in the order of the file, each key
// once: another with the same name is reported.
func (v value) entries(hint string) ([]entry, bool) {
	if k := v.kind(); k != "a map" {
		v.wrong("keys and values are needed here, not "+k, hint)
		return nil, false
	}
	var kept []entry
	seen := map[string]place{}
	for _, e := range v.quietEntries() {
		if first, twice := seen[e.key]; twice {
			v.fail(e.at, "the key "+show(e.key)+" is given twice", fmt.Sprintf("first at line %d", first.line))
			continue
		}
		seen[e.key] = e.at
		kept = append(kept, e)
	}
	return kept, true
}

// quietEntries returns all keys and values of a map and reports nothing.
func (v value) quietEntries() []entry {
	var nodes []*ast.MappingValueNode
	switch n := v.node.(type) {
	case *ast.MappingNode:
		nodes = n.Values
	case *ast.MappingValueNode:
		nodes = []*ast.MappingValueNode{n}
	}
	list := make([]entry, 0, len(nodes))
	for _, n := range nodes {
		tk := n.Key.GetToken()
		e := entry{key: tk.Value, at: placeOf(tk)}
		e.value = v.value(n.Value, e.at)
		list = append(list, e)
	}
	return list
}

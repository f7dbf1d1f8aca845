package profiles

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The bounds of a profile. A YAML reader's time and memory grow faster than
// its input, so they are checked before it runs.
const (
	MaxFile   = 1 << 20 // bytes
	maxDepth  = 100     // maps and lists within each other
	maxTokens = 50_000
)

// Version is the version of the format that this package reads.
const Version = 1

// Read reads a profile from the text of a file. The name is the path of the
// file, or "-"; messages begin with it, and it names a profile that does not
// name itself. It checks everything that can be known without the target. Its
// error is a [*Problems] with all that was found.
func Read(name string, data []byte) (*Profile, error) {
	d := &decoder{}
	p := d.profile(name, data)
	if len(d.problems) > 0 {
		return nil, &Problems{File: name, List: sorted(d.problems)}
	}
	return p, nil
}

func (d *decoder) profile(name string, data []byte) *Profile {
	root, ok := d.parse(data)
	if !ok {
		return nil
	}
	if d.foreign(root) || !d.version(root) {
		return nil
	}
	draft := &profileDraft{}
	draft.Origin = name
	draft.at = decode(root, &draft.Profile, "a profile", profileKeys())
	d.requireKeys(root, draft)
	d.checkProfile(draft)
	if draft.Name == "" {
		draft.Name = nameOf(name)
	}
	return &draft.Profile
}

// foreign reports a file of another kind once, in place of each of its keys.
func (d *decoder) foreign(root value) bool {
	entries := root.quietEntries()
	own := func(e entry) bool { return slices.Contains([]string{"stoke", "target", "requests", "phases"}, e.key) }
	if len(entries) < 2 || slices.ContainsFunc(entries, own) {
		return false
	}
	d.fail(root.at, "this is no profile: it has neither stoke nor target nor requests", "begin with stoke: 1; what other tools wrote becomes a profile by stoke import")
	return true
}

// nameOf makes a profile's name from its path.
func nameOf(path string) string {
	if path == "-" {
		return "stdin"
	}
	base := filepath.Base(path)
	return printable(strings.TrimSuffix(base, filepath.Ext(base)))
}

// parse turns text into a tree, and refuses what the format does not have.
func (d *decoder) parse(data []byte) (value, bool) {
	if len(data) > MaxFile {
		d.fail(place{1, 1}, "the profile is larger than "+sizeText(MaxFile), "")
		return value{}, false
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	d.lines = strings.Split(text, "\n")
	if !d.checkText(text) {
		return value{}, false
	}
	tokens := lexer.Tokenize(text)
	if !d.checkTokens(tokens) {
		return value{}, false
	}
	file, err := parseTokens(tokens)
	if err != nil {
		d.syntax(err)
		return value{}, false
	}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			return d.value(doc.Body, place{1, 1}), true
		}
	}
	d.fail(place{1, 1}, "the profile is empty", "begin with stoke: 1, then target and requests; stoke profiles shows examples")
	return value{}, false
}

// parseTokens keeps a fault of the YAML parser from ending the program: the
// text may come from anybody.
func parseTokens(tokens token.Tokens) (file *ast.File, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = errors.New("this YAML cannot be read")
		}
	}()
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey()) // duplicates are reported with all else
}

// checkText refuses bytes that no profile needs and that terminals obey.
func (d *decoder) checkText(text string) bool {
	for i, line := range d.lines {
		line = strings.TrimSuffix(line, "\r")
		column := 1
		for at, r := range line {
			where := place{i + 1, column}
			if r == utf8.RuneError {
				if _, size := utf8.DecodeRuneInString(line[at:]); size == 1 {
					d.fail(where, "not UTF-8 text", "save the file as UTF-8")
					return false
				}
			}
			if r < ' ' && r != '\t' || r >= 0x7f && r < 0xa0 {
				d.fail(where, fmt.Sprintf("the control character %U", r), `leave it out, or write it within double quotes as "\x..`+`"`)
				return false
			}
			column++
		}
	}
	return true
}

// checkTokens refuses the parts of YAML that the format does not use, and
// depths that would take the parser long.
func (d *decoder) checkTokens(tokens token.Tokens) bool {
	if len(tokens) > maxTokens {
		d.fail(place{1, 1}, "the profile has too many parts", fmt.Sprintf("at most %d words and signs", maxTokens))
		return false
	}
	before := len(d.problems)
	depth := depth{}
	content := false
	for i, tk := range tokens {
		at := placeOf(tk)
		switch tk.Type {
		case token.AnchorType, token.AliasType:
			d.fail(at, "anchors and aliases are not part of a profile", "write the value out, or quote a text that begins with & or *")
		case token.TagType:
			d.fail(at, "tags are not part of a profile", "leave it out, or quote a text that begins with !")
		case token.MergeKeyType:
			d.fail(at, "merge keys are not part of a profile", "write the keys out")
		case token.DirectiveType:
			d.fail(at, "directives are not part of a profile", "leave it out, or quote a text that begins with %")
		case token.MappingKeyType:
			d.fail(at, "keys written with ? are not part of a profile", "write key: value, or quote a text that begins with ?")
		case token.MappingStartType:
			if i > 0 && tokens[i-1].Type == token.StringType && strings.HasSuffix(tokens[i-1].Value, "$") && tokens[i-1].Position.Line == at.line {
				d.fail(at, "within { } and [ ] a placeholder stands in quotes", `write "${…}", or each key on a line of its own`)
			}
		case token.DocumentHeaderType:
			if content {
				d.fail(at, "a second document", "one file holds one profile")
			}
		}
		if tk.Type != token.CommentType && tk.Type != token.DocumentHeaderType && tk.Type != token.DocumentEndType {
			content = true
		}
		if depth.see(tokens, i) > maxDepth {
			d.fail(at, "maps and lists too deep within each other", fmt.Sprintf("at most %d deep", maxDepth))
			break
		}
	}
	return len(d.problems) == before
}

// depth follows how deep the token at hand lies.
type depth struct {
	flow    int   // open brackets
	columns []int // where the open block maps and lists begin
}

func (d *depth) see(tokens token.Tokens, i int) int {
	column := 0
	switch tk := tokens[i]; tk.Type {
	case token.MappingStartType, token.SequenceStartType:
		d.flow++
	case token.MappingEndType, token.SequenceEndType:
		d.flow = max(0, d.flow-1)
	case token.SequenceEntryType:
		column = tk.Position.Column
	case token.MappingValueType:
		if i > 0 {
			column = tokens[i-1].Position.Column
		}
	}
	if d.flow == 0 && column > 0 {
		for len(d.columns) > 0 && d.columns[len(d.columns)-1] > column {
			d.columns = d.columns[:len(d.columns)-1]
		}
		if n := len(d.columns); n == 0 || d.columns[n-1] < column {
			d.columns = append(d.columns, column)
		}
	}
	return d.flow + len(d.columns)
}

// syntax reports an error of the YAML parser at its place.
func (d *decoder) syntax(err error) {
	at, msg := place{1, 1}, err.Error()
	var located yaml.Error
	if errors.As(err, &located) {
		msg = located.GetMessage()
		if tk := located.GetToken(); tk != nil && tk.Position != nil {
			at = placeOf(tk)
		}
	}
	msg = printable(strings.ReplaceAll(msg, "character '\t'", "a tab"))
	hint := ""
	switch {
	case strings.Contains(msg, "a tab"):
		hint = "indent with spaces"
	case strings.Contains(msg, "mapping value is not allowed"):
		hint = "indent it as its neighbours are, and quote a text that holds a colon and a blank"
	case strings.Contains(msg, "reserved character"):
		hint = "quote the text"
	}
	d.fail(at, "not YAML: "+msg, hint)
}

// version checks the version before anything else: keys of another version
// are no mistakes.
func (d *decoder) version(root value) bool {
	for _, e := range root.quietEntries() {
		if e.key != "stoke" || e.value.isNull() {
			continue
		}
		text, ok := e.value.scalar()
		if !ok {
			return false
		}
		if text != fmt.Sprint(Version) {
			d.fail(e.value.at, "version "+show(text)+" of the format is not known", fmt.Sprintf("this stoke reads version %d: write stoke: %d", Version, Version))
			return false
		}
	}
	return true
}

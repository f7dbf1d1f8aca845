package profiles

import (
	"slices"
	"strconv"
	"strings"

	"stoke/profiles/grammar"
)

// The bounds of names, in characters.
const (
	maxName    = 80
	maxPhases  = 10_000
	maxHeaders = 200
)

// profileDraft is a profile with the places of its parts, for the checks that
// look at more than one of them.
type profileDraft struct {
	Profile
	at map[string]place // of the values of the keys
}

// requireKeys reports the keys that are missing.
func (d *decoder) requireKeys(root value, draft *profileDraft) {
	if root.kind() != "a map" {
		return
	}
	for _, f := range profileKeys() {
		if _, given := draft.at[f.key]; f.required && !given && !root.has(f.key) {
			d.fail(root.at, "the key "+f.key+" is missing", "add "+f.key+": "+f.form)
		}
	}
}

func (v value) has(key string) bool {
	return slices.ContainsFunc(v.quietEntries(), func(e entry) bool { return e.key == key })
}

// checkProfile looks at what concerns more than one key.
func (d *decoder) checkProfile(draft *profileDraft) {
	p := &draft.Profile
	if top := p.Limits.Concurrency; top > 0 && p.Concurrency > top {
		d.fail(draft.at["concurrency"], "concurrency "+strconv.Itoa(p.Concurrency)+" is above limits.concurrency, "+strconv.Itoa(top), "lower it, or raise the limit")
	}
	if p.TLS != (TLS{}) && strings.HasPrefix(p.Target, "http://") {
		d.fail(draft.at["tls"], "tls has no use with an http target", "leave it out, or write https:// in target")
	}
	d.checkConnection(draft)
	d.checkPlaceholders(p)
	d.checkMarks(p)
	d.checkPlan(p, draft.at["phases"])
}

// checkMarks reports marks that YAML cut off at what it takes for a comment. A
// comment as people write it, with a blank behind the #, is one.
func (d *decoder) checkMarks(p *Profile) {
	for _, phase := range p.Phases {
		if phase.Verb != grammar.Mark || phase.Line > len(d.lines) {
			continue
		}
		line := []rune(d.lines[phase.Line-1])
		rest, ok := strings.CutPrefix(string(line[min(phase.Column-1, len(line)):]), phase.Text)
		rest = strings.TrimSpace(rest)
		if ok && len(rest) > 1 && rest[0] == '#' && rest[1] != ' ' && rest[1] != '#' {
			d.fail(place{phase.Line, phase.Column}, "for YAML the mark ends at the #: "+show(rest)+" is a comment", "write '"+printable(phase.Text+" "+rest)+"' in quotes, or a blank behind the #")
		}
	}
}

// readLimits reads the ceilings. Wrong ones are forgotten, so that no other
// key is blamed for passing them.
func readLimits(v value, p *Profile) {
	before := len(v.problems)
	decode(v, &p.Limits, "limits", limitKeys())
	if len(v.problems) > before {
		p.Limits = Limits{}
	}
}

func readTarget(v value, p *Profile) {
	text, ok := v.scalar()
	if !ok {
		return
	}
	if problem := checkTarget(text); problem != nil {
		v.wrong(problem.Msg, problem.Hint)
		return
	}
	p.Target = text
}

func readChoice(v value, into *string, choices ...string) {
	text, ok := v.scalar()
	if !ok {
		return
	}
	if !slices.Contains(choices, text) {
		hint := "write " + strings.Join(choices, " or ")
		if near := grammar.Nearest(text, choices); near != "" {
			hint = "did you mean " + near + "?"
		}
		v.wrong("this cannot be "+show(text), hint)
		return
	}
	*into = text
}

func readKeepAlive(v value, p *Profile) {
	if keep, ok := v.flag(); ok {
		p.KeepAlive = &keep
	}
}

func readLimited(v value, p *Profile) {
	items, ok := v.items("write [503]")
	if !ok {
		return
	}
	if len(items) == 0 {
		v.wrong("the list is empty", "write [503], or leave it out")
	}
	for _, item := range items {
		text, ok := item.scalar()
		if !ok {
			continue
		}
		status, err := strconv.Atoi(text)
		if err != nil || status < 400 || status > 599 {
			item.wrong(show(text)+" is no status that can mean throttled", "write one of 400 to 599")
			continue
		}
		p.Limited = append(p.Limited, status)
	}
}

// ownHeaders are written by stoke and would contradict it.
var ownHeaders = map[string]string{
	"content-length":    "stoke writes the length of the body",
	"transfer-encoding": "stoke sends bodies with their length",
}

func readHeaders(v value) []Header {
	entries, ok := v.entries("write name: value")
	if !ok {
		return nil
	}
	if len(entries) > maxHeaders {
		v.wrong("more than "+strconv.Itoa(maxHeaders)+" headers", "")
		return nil
	}
	var headers []Header
	seen := map[string]bool{}
	for _, e := range entries {
		lower := strings.ToLower(e.key)
		switch {
		case !isToken(e.key):
			v.fail(e.at, show(e.key)+" is not the name of a header", "write letters, digits and -")
			continue
		case ownHeaders[lower] != "":
			v.fail(e.at, "the header "+e.key+" cannot be set: "+ownHeaders[lower], "leave it out")
			continue
		case seen[lower]:
			v.fail(e.at, "the header "+e.key+" is given twice", "upper and lower case are the same")
			continue
		}
		seen[lower] = true
		if text, ok := headerValue(e.value); ok {
			headers = append(headers, Header{e.key, text})
		}
	}
	return headers
}

func headerValue(v value) (string, bool) {
	var text string
	var ok bool
	switch {
	case v.isNull():
		v.wrong("the header has no value", `write a value, or ""`)
	case v.kind() == "a number":
		text, ok = v.scalar()
	default:
		text, ok = v.text()
	}
	if !ok {
		return "", false
	}
	switch i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }); {
	case i >= 0:
		v.wrong("a header's value stands on one line, without control characters", "")
	case text != strings.Trim(text, " \t"):
		v.wrong("the header's value begins or ends with a blank", "leave the blank out")
	default:
		_, ok = v.template(text)
		return text, ok
	}
	return "", false
}

// isToken reports whether s is a token of RFC 9110, 5.6.2.
func isToken(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

package template

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// read makes the placeholder of its words; at is the offset of its ${.
func read(words []word, at int) (*Ref, *Error) {
	if len(words) == 0 {
		return nil, &Error{Offset: at, Msg: "an empty placeholder", Hint: "write ${name}, or $${ where the text ${ itself is meant"}
	}
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.text
	}
	r := &Ref{Text: strings.Join(texts, " ")}
	head, more := words[0], words[1:]
	switch head.text {
	case "seq":
		r.Kind = Seq
		return r, none(head, more, "")
	case "uuid":
		r.Kind = UUID
		return r, r.variant(head, more)
	case "rand.int":
		r.Kind = RandInt
		return r, r.randInt(head, more)
	case "pick":
		r.Kind = Pick
		return r, r.pick(head, more)
	case "now":
		r.Kind = Now
		return r, r.now(more)
	}
	return r, r.named(head, more)
}

// named reads the forms that hold a name: ${name} and ${name.arg}.
func (r *Ref) named(head word, more []word) *Error {
	name, arg, dotted := strings.Cut(head.text, ".")
	if !isName(name) {
		return &Error{Offset: head.at, Msg: strconv.Quote(head.text) + " is not a name", Hint: "a name has letters, digits, _ and -; is there a } missing before it?"}
	}
	if !dotted {
		r.Kind, r.Name = Capture, name
		if len(more) > 0 {
			return unknown(r, head)
		}
		return nil
	}
	text, ok := unquote(arg)
	switch {
	case arg == "" || text == "":
		return &Error{Offset: head.at + len(name) + 1, Msg: "nothing behind the dot of " + strconv.Quote(head.text), Hint: "write ${" + example(name) + "}"}
	case !ok || strings.ContainsFunc(text, unicode.IsControl):
		return &Error{Offset: head.at + len(name) + 1, Msg: strconv.Quote(arg) + " is not a name", Hint: "write a name with blanks or quotes in quotes, a quote in it as \\\""}
	}
	r.Arg = text
	switch name {
	case "env":
		r.Kind = Env
		if strings.ContainsAny(text, "= ") {
			return &Error{Offset: head.at + len("env."), Msg: strconv.Quote(text) + " is not the name of a variable", Hint: "write ${env.TOKEN}"}
		}
	case "file":
		r.Kind = File
	case "header":
		r.Kind = Header
		if strings.ContainsFunc(text, notToken) {
			return &Error{Offset: head.at + len("header."), Msg: strconv.Quote(text) + " is not the name of a header", Hint: "write ${header.location}"}
		}
	case "fake":
		r.Kind = Fake
		if !slices.Contains(fakeNames[:], text) {
			return &Error{Offset: head.at + len("fake."), Msg: "a made-up person has no " + strconv.Quote(text), Hint: orAll(nearest(text, fakeNames[:]), fakeNames[:])}
		}
		return r.variant(head, more)
	case "rand":
		return &Error{Offset: head.at, Msg: "unknown placeholder " + strconv.Quote(head.text), Hint: "write ${rand.int 1 9}"}
	default:
		r.Kind, r.Name = Column, name
		if len(more) > 0 && Suggest(r) != "" {
			return unknown(r, head)
		}
		return none(head, more, `write a name with blanks in quotes: ${products."unit price"}`)
	}
	return none(head, more, "")
}

// unknown is the error for a name that is none of ours with words behind it.
func unknown(r *Ref, head word) *Error {
	e := &Error{Offset: head.at, Msg: "unknown placeholder " + strconv.Quote(head.text)}
	if s := Suggest(r); s != "" {
		e.Hint = "did you mean ${" + s + "}?"
	} else {
		e.Hint = "words may follow uuid, rand.int, pick, now and fake only"
	}
	return e
}

// none is the error for words where none may be.
func none(head word, more []word, hint string) *Error {
	if len(more) == 0 {
		return nil
	}
	return &Error{Offset: more[0].at, Msg: strconv.Quote(more[0].text) + " behind " + strconv.Quote(head.text) + ", which takes nothing", Hint: hint}
}

// variant reads the word that makes another variable, if there is one.
func (r *Ref) variant(head word, more []word) *Error {
	switch len(more) {
	case 0:
		return nil
	case 1:
		text, ok := unquote(more[0].text)
		if ok {
			r.Words = []string{text}
			return nil
		}
		return badQuote(more[0])
	}
	return &Error{Offset: more[1].at, Msg: "more than one word behind " + strconv.Quote(head.text), Hint: "one word makes another variable: ${" + head.text + " 2}"}
}

func (r *Ref) randInt(head word, more []word) *Error {
	if len(more) < 2 {
		return &Error{Offset: head.at, Msg: "rand.int needs two whole numbers", Hint: "write ${rand.int 1 9}"}
	}
	for i, to := range []*int64{&r.From, &r.To} {
		n, err := strconv.ParseInt(more[i].text, 10, 64)
		if err != nil {
			return &Error{Offset: more[i].at, Msg: strconv.Quote(more[i].text) + " is not a whole number of 64 bits", Hint: "write ${rand.int 1 9}"}
		}
		*to = n
	}
	if r.From > r.To {
		return &Error{Offset: more[0].at, Msg: more[0].text + " is more than " + more[1].text, Hint: "write ${rand.int " + more[1].text + " " + more[0].text + "}"}
	}
	return r.variant(word{"rand.int " + more[0].text + " " + more[1].text, head.at}, more[2:])
}

func (r *Ref) pick(head word, more []word) *Error {
	if len(more) == 0 {
		return &Error{Offset: head.at, Msg: "pick has nothing to pick from", Hint: "write ${pick red green blue}"}
	}
	for _, w := range more {
		text, ok := unquote(w.text)
		if !ok {
			return badQuote(w)
		}
		r.Words = append(r.Words, text)
	}
	return nil
}

func badQuote(w word) *Error {
	return &Error{Offset: w.at, Msg: "a quote within " + strconv.Quote(w.text), Hint: `put the whole word in quotes, a quote in it as \"`}
}

// The ways to write the time.
const (
	rfc3339 = "rfc3339" // with milliseconds, in UTC
	unix    = "unix"    // in seconds
	unixms  = "unixms"  // in milliseconds
)

func (r *Ref) now(more []word) *Error {
	r.Arg = rfc3339
	if len(more) == 0 {
		return nil
	}
	ways := []string{rfc3339, unix, unixms}
	r.Arg = more[0].text
	if !slices.Contains(ways, r.Arg) {
		return &Error{Offset: more[0].at, Msg: "unknown way to write the time " + strconv.Quote(r.Arg), Hint: orAll(nearest(r.Arg, ways), ways)}
	}
	return none(word{"now " + r.Arg, 0}, more[1:], "")
}

// isName reports whether s can be the name of data or of a capture.
func isName(s string) bool {
	for i, c := range s {
		if !unicode.IsLetter(c) && c != '_' && (i == 0 || !unicode.IsDigit(c) && c != '-') {
			return false
		}
	}
	return s != ""
}

// notToken reports whether c may not stand in the name of a header; RFC 9110,
// section 5.6.2.
func notToken(c rune) bool {
	return c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("!#$%&'*+-.^_`|~", c)
}

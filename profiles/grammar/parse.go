package grammar

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText bounds the length of one order, in bytes.
const MaxText = 1000

// Parse reads one change. It never changes anything and may be called from any
// goroutine. Its error is always an [*Error].
func Parse(text string) (Change, error) {
	c, err := parse(text)
	if err != nil {
		return Change{}, err
	}
	return c, nil
}

// parse is Parse with the concrete error, so that a nil *Error never becomes
// an error that is not nil.
func parse(text string) (Change, *Error) {
	if len(text) > MaxText {
		return Change{}, &Error{Offset: MaxText, Msg: fmt.Sprintf("longer than %d bytes", MaxText)}
	}
	if err := checkPrintable(text); err != nil {
		return Change{}, err
	}
	in := &input{text: text, words: split(text)}
	if len(in.words) == 0 {
		return Change{}, &Error{Msg: "nothing to do", Hint: "write one of " + verbList()}
	}
	first := in.next()
	read, ok := readers[Verb(first.text)]
	if !ok {
		return Change{}, unknownVerb(first)
	}
	c := Change{Verb: Verb(first.text)}
	if err := read(in, &c); err != nil {
		return Change{}, err
	}
	if w := in.next(); w.text != "" {
		return Change{}, surplus(in, w, c.Verb)
	}
	return c, nil
}

// surplus refuses a word after a complete order.
func surplus(in *input, w word, verb Verb) *Error {
	options := map[Verb][]string{Rate: append([]string{"over", "speed"}, rateUnits...), Concurrency: {"cut"}, Stop: {"now"}, Wave: {"from", "for"}}
	complete := strings.TrimSpace(in.text[:w.at])
	hint := "leave it out"
	switch option := Nearest(w.text, options[verb]); {
	case option != "" && option != w.text:
		hint = "did you mean " + option + "?"
	case verb == Rate && slices.Contains([]string{"in", "within", "during", "for"}, w.text):
		hint = "did you mean over?"
	case verb == Rate && w.text[0] == '/':
		hint = "did you mean " + complete + w.text + "?"
	}
	return w.wrong(fmt.Sprintf("%s is not expected after %s", show(w.text), show(complete)), hint)
}

// show quotes what was written for a message, shortened if it is long.
func show(text string) string {
	const most = 40
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return strconv.Quote(text)
}

// word is a run of text without blanks. The word after the last is empty and
// stands at the end of the text.
type word struct {
	text string
	at   int // byte offset
}

func (w word) wrong(msg, hint string) *Error { return &Error{Offset: w.at, Msg: msg, Hint: hint} }

// input hands out the words of one text in order.
type input struct {
	text  string
	words []word
	used  int
}

func (in *input) peek() word {
	if in.used < len(in.words) {
		return in.words[in.used]
	}
	return word{at: len(in.text)}
}

func (in *input) next() word {
	w := in.peek()
	if w.text != "" {
		in.used++
	}
	return w
}

// rest takes all that is left, blanks inside included.
func (in *input) rest() word {
	w := in.peek()
	w.text = strings.TrimRight(in.text[w.at:], " \t")
	in.used = len(in.words)
	return w
}

func split(text string) []word {
	var words []word
	start := -1
	for i := 0; i <= len(text); i++ {
		blank := i == len(text) || text[i] == ' ' || text[i] == '\t'
		switch {
		case blank && start >= 0:
			words = append(words, word{text[start:i], start})
			start = -1
		case !blank && start < 0:
			start = i
		}
	}
	return words
}

// checkPrintable refuses what could move a cursor or hide text: an order is
// shown on terminals and kept in records.
func checkPrintable(text string) *Error {
	for i, r := range text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return &Error{Offset: i, Msg: "not UTF-8 text"}
			}
		}
		if r != '\t' && !unicode.IsPrint(r) {
			return &Error{Offset: i, Msg: fmt.Sprintf("the character %U cannot be shown", r), Hint: "leave it out"}
		}
	}
	return nil
}

// readers read what follows a verb.
var readers = map[Verb]func(*input, *Change) *Error{
	Rate:        readRate,
	Wave:        readWave,
	Spike:       readSpike,
	Step:        readStep,
	Weight:      readWeight,
	Concurrency: readConcurrency,
	Hold:        readHold,
	Pause:       readNothing,
	Resume:      readNothing,
	Undo:        readNothing,
	Arrivals:    readWord("poisson", "uniform"),
	Late:        readWord("queue", "shed"),
	Mark:        readMark,
	Segment:     readNothing,
	Stop:        readStop,
	Phases:      readWord("on", "off", "skip", "restart"),
}

func readNothing(*input, *Change) *Error { return nil }

// rateUnits are what a rate may be said to count.
var rateUnits = []string{"requests", "starts"}

func readRate(in *input, c *Change) *Error {
	w := in.next()
	if w.text == "file" {
		return readReplay(in, c)
	}
	amount, err := parseAmount(w, Rate)
	if err != nil {
		return err
	}
	c.Amount = amount
	if unit := in.peek(); slices.Contains(rateUnits, unit.text) {
		in.next()
		if amount.Op != Set {
			return unit.wrong("only a rate itself counts "+unit.text+", not a change of it", "write rate 500 "+unit.text)
		}
		c.Word = unit.text
	}
	over := in.peek()
	if over.text != "over" {
		return nil
	}
	in.next()
	if amount.Op == Max {
		return over.wrong("rate max has no ramp: it sends as fast as the target answers", "write rate max")
	}
	d, err := readDuration(in.next())
	c.Over = d
	return err
}

func readConcurrency(in *input, c *Change) *Error {
	amount, err := parseAmount(in.next(), Concurrency)
	if err != nil {
		return err
	}
	c.Amount = amount
	if in.peek().text == "cut" {
		in.next()
		c.Cut = true
	}
	return nil
}

func readHold(in *input, c *Change) *Error {
	d, err := readDuration(in.next())
	c.For = d
	return err
}

func readStop(in *input, c *Change) *Error {
	if in.peek().text == "now" {
		in.next()
		c.Now = true
	}
	return nil
}

func readWord(choices ...string) func(*input, *Change) *Error {
	list := strings.Join(choices[:len(choices)-1], ", ") + " or " + choices[len(choices)-1]
	return func(in *input, c *Change) *Error {
		w := in.next()
		if w.text == "" {
			return w.wrong(string(c.Verb)+" needs a word after it", "write "+list)
		}
		if !slices.Contains(choices, w.text) {
			hint := "write " + list
			if near := Nearest(w.text, choices); near != "" {
				hint = "did you mean " + near + "?"
			}
			return w.wrong(fmt.Sprintf("%s cannot be %s", c.Verb, show(w.text)), hint)
		}
		c.Word = w.text
		return nil
	}
}

func unknownVerb(w word) *Error {
	hint := "the verbs are " + verbList()
	if near := Nearest(w.text, verbNames()); near != "" {
		hint = "did you mean " + near + "?"
	} else if _, err := parseAmount(w, Rate); err == nil {
		hint = "did you mean rate " + w.text + "?"
	}
	return w.wrong("unknown verb "+show(w.text), hint)
}

package grammar

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// The bounds of what may be asked, far outside of what one machine sends.
const (
	MaxRate        = 10e6      // requests per second
	MinRate        = 1e-6      // requests per second, the slowest above 0
	MaxConcurrency = 1_000_000 // requests in flight
	MaxFactor      = 1000.0    // of an x2; a percentage is bounded alike
	MaxDuration    = 8760 * time.Hour
)

// parseAmount reads the value of a dial: the verb says which.
func parseAmount(w word, dial Verb) (Amount, *Error) {
	amount, err := amountOf(w.text, dial)
	return amount, err.shift(w.at)
}

func amountOf(text string, dial Verb) (Amount, *Error) {
	switch {
	case text == "":
		return Amount{}, &Error{Msg: string(dial) + " needs a value", Hint: "write " + dialExample(dial)}
	case text == "max" && dial == Rate:
		return Amount{Op: Max}, nil
	case text == "max":
		return Amount{}, &Error{Msg: "concurrency has no max", Hint: "write a number, or rate max for as fast as the target answers"}
	case text[0] == 'x':
		v, err := bounded(text[1:], "factor", 1/MaxFactor, MaxFactor)
		return Amount{Times, v}, err.shift(1)
	case strings.HasSuffix(text, "%"):
		return percentOf(text)
	case text[0] == '+' || text[0] == '-':
		v, err := absolute(text[1:], dial, true)
		if text[0] == '-' {
			v = 0 - v // not -v: of 0 that would be a -0
		}
		return Amount{Add, v}, err.shift(1)
	case strings.HasSuffix(text, "x") && isNumber(text[:len(text)-1]):
		return Amount{}, &Error{Msg: show(text) + " is not a value", Hint: "did you mean x" + text[:len(text)-1] + "?"}
	}
	v, err := absolute(text, dial, false)
	return Amount{Set, v}, err
}

func absolute(text string, dial Verb, step bool) (float64, *Error) {
	if dial == Rate {
		return rateOf(text)
	}
	n, err := countOf(text, step)
	return float64(n), err
}

func percentOf(text string) (Amount, *Error) {
	body := strings.TrimSuffix(text, "%")
	if body == "" || (body[0] != '+' && body[0] != '-') {
		if !isNumber(body) {
			return Amount{}, &Error{Msg: show(text) + " is not a percentage", Hint: "write it like +10% or -10%"}
		}
		return Amount{}, &Error{Msg: text + " says neither up nor down", Hint: "write +" + text + " or -" + text}
	}
	v, err := bounded(body[1:], "percentage", 0, 100*MaxFactor)
	if err != nil {
		return Amount{}, err.shift(1)
	}
	if body[0] == '-' {
		if v >= 100 {
			return Amount{}, &Error{Msg: text + " leaves nothing", Hint: "write rate 0, or pause"}
		}
		v = 0 - v
	}
	return Amount{Percent, v}, nil
}

func bounded(text, what string, lowest, highest float64) (float64, *Error) {
	v, rest, err := number(text)
	if err != nil {
		return 0, err
	}
	if rest != "" {
		return 0, &Error{Offset: len(text) - len(rest), Msg: show(text) + " is not a " + what, Hint: "write a plain number"}
	}
	if v < lowest || v > highest {
		return 0, &Error{Msg: "the " + what + " " + show(text) + " is out of range",
			Hint: "write " + plain(lowest) + " to " + plain(highest)}
	}
	return v, nil
}

// String prints the change in the canonical form that [Parse] reads back. The
// zero Change prints as "".
func (c Change) String() string {
	var b strings.Builder
	b.WriteString(string(c.Verb))
	switch c.Verb {
	case Wave, Spike, Step, Weight:
		b.WriteString(" " + c.shapeText())
	case Rate:
		if c.Name != "" {
			b.WriteString(" " + c.shapeText())
			break
		}
		b.WriteString(" " + c.Amount.format(FormatRate))
		if c.Word != "" {
			b.WriteString(" " + c.Word)
		}
		if c.Over > 0 {
			b.WriteString(" over " + FormatDuration(c.Over))
		}
	case Concurrency:
		b.WriteString(" " + c.Amount.format(plain))
		if c.Cut {
			b.WriteString(" cut")
		}
	case Hold:
		b.WriteString(" " + FormatDuration(c.For))
	case Arrivals, Late, Phases:
		b.WriteString(" " + c.Word)
	case Mark:
		if c.Text != "" {
			b.WriteString(" " + quote(c.Text))
		}
	case Stop:
		if c.Now {
			b.WriteString(" now")
		}
	}
	return b.String()
}

// format prints an amount whose absolute values absolute prints.
func (a Amount) format(absolute func(float64) string) string {
	sign := "+"
	if a.Value < 0 {
		sign = "-"
	}
	size := math.Abs(a.Value)
	switch a.Op {
	case Max:
		return "max"
	case Times:
		return "x" + plain(a.Value)
	case Percent:
		return sign + plain(size) + "%"
	case Add:
		return sign + absolute(size)
	default:
		return absolute(a.Value)
	}
}

// plain prints the shortest decimal that reads back as v, without an exponent.
func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func dialExample(dial Verb) string {
	if dial == Rate {
		return "rate 200, rate 1.5k, rate 90/m, rate +10%, rate x2 or rate max"
	}
	return "concurrency 64, concurrency +8 or concurrency x2"
}

package grammar

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// The bounds of what moves the rate by itself.
const (
	MinPeriod = time.Second // of a wave and of each step: what is shorter cannot be seen
	MaxSteps  = 1000        // of a staircase
)

const (
	waveExample  = "wave 500..2k every 60s"
	spikeExample = "spike 5k for 10s"
	stepExample  = "step 100 by 100 every 30s to 2k"
)

// Lasts is how long a change takes as a phase: 0 if it is done at once. How
// long a file lasts is not known here, and counts as 0.
func (c Change) Lasts() time.Duration {
	if c.Verb == Step {
		return time.Duration(c.Steps()) * c.Every
	}
	return c.Over + c.For
}

// Steps is how many rates a [Step] goes through, its first and last included.
func (c Change) Steps() int {
	// A hair less, so that 0.3 by 0.1 is no further step.
	return int(math.Ceil((c.To-c.From)/c.By-1e-9)) + 1
}

// StepRate is the rate of step k of a [Step], from 0, in requests per second.
// From the last one on it is To.
func (c Change) StepRate(k int) float64 {
	if k >= c.Steps()-1 {
		return c.To
	}
	return Tidy(c.From + float64(k)*c.By)
}

// Tidy rounds a rate to twelve digits: what a sum of decimal fractions would
// have been.
func Tidy(rate float64) float64 {
	v, err := strconv.ParseFloat(strconv.FormatFloat(rate, 'g', 12, 64), 64)
	if err != nil {
		return rate
	}
	return v
}

// Top is the highest rate that a change by itself leads to, for those that say
// so: a wave, a staircase, an absolute rate or spike. It is 0 for all others.
func (c Change) Top() float64 {
	switch {
	case c.Verb == Wave, c.Verb == Step:
		return math.Max(c.From, c.To)
	case c.Amount.Op == Set && (c.Verb == Rate || c.Verb == Spike):
		return c.Amount.Value
	}
	return 0
}

// readWave reads 500..2k every 60s [from 15s] [for 10m].
func readWave(in *input, c *Change) *Error {
	w := in.next()
	low, high, ok := strings.Cut(w.text, "..")
	if !ok {
		return w.wrong("a wave swings between two rates", "write "+waveExample)
	}
	var err *Error
	if c.From, err = endRate(word{low, w.at}, waveExample); err != nil {
		return err
	}
	if c.To, err = endRate(word{high, w.at + len(low) + len("..")}, waveExample); err != nil {
		return err
	}
	if c.From == c.To {
		return w.wrong("both ends of the wave are "+FormatRate(c.To), "write rate "+FormatRate(c.To)+" for a rate that stays")
	}
	if c.Every, err = readPeriod(in, waveExample); err != nil {
		return err
	}
	if at := in.peek(); at.text == "from" {
		in.next()
		if c.Into, err = readDuration(in.next()); err != nil {
			return err
		}
		if c.Into >= c.Every {
			return at.wrong("the wave would begin "+FormatDuration(c.Into)+" into a period of "+FormatDuration(c.Every), "write less than the period")
		}
	}
	if in.peek().text == "for" {
		in.next()
		c.For, err = readDuration(in.next())
	}
	return err
}

// readSpike reads 5k for 10s.
func readSpike(in *input, c *Change) *Error {
	w := in.next()
	if w.text == "" {
		return w.wrong("spike needs a rate", "write "+spikeExample)
	}
	if w.text == "max" {
		return w.wrong("a spike has a rate", "write "+spikeExample)
	}
	var err *Error
	if c.Amount, err = parseAmount(w, Rate); err != nil {
		return err
	}
	if err := in.expect("for", spikeExample); err != nil {
		return err
	}
	c.For, err = readDuration(in.next())
	return err
}

// readStep reads 100 by 100 every 30s to 2k.
func readStep(in *input, c *Change) *Error {
	first := in.next()
	var err *Error
	if c.From, err = endRate(first, stepExample); err != nil {
		return err
	}
	if err := in.expect("by", stepExample); err != nil {
		return err
	}
	by := in.next()
	size := strings.TrimLeft(by.text, "+-")
	if len(by.text)-len(size) > 1 {
		return by.wrong(show(by.text)+" is not a step", "write "+stepExample)
	}
	if c.By, err = endRate(word{size, by.at + len(by.text) - len(size)}, stepExample); err != nil {
		return err
	}
	if c.By == 0 {
		return by.wrong("a step of 0 leads nowhere", "write "+stepExample)
	}
	if strings.HasPrefix(by.text, "-") {
		c.By = -c.By
	}
	if c.Every, err = readPeriod(in, stepExample); err != nil {
		return err
	}
	if err := in.expect("to", stepExample); err != nil {
		return err
	}
	last := in.next()
	if c.To, err = endRate(last, stepExample); err != nil {
		return err
	}
	switch {
	case c.To == c.From:
		return last.wrong("the first and the last step are "+FormatRate(c.To), "write rate "+FormatRate(c.To)+" for a rate that stays")
	case (c.To-c.From)/c.By < 0:
		return by.wrong(by.text+" leads away from "+FormatRate(c.To), "write by "+signed(-c.By))
	case (c.To-c.From)/c.By > MaxSteps:
		return by.wrong(fmt.Sprintf("more than %d steps", MaxSteps), "write larger ones, or a ramp: rate "+FormatRate(c.To)+" over 10m")
	}
	if c.Lasts() > MaxDuration {
		return by.wrong("the steps last longer than "+FormatDuration(MaxDuration), "write larger or shorter ones")
	}
	return nil
}

// endRate reads one of the rates that a change names.
func endRate(w word, example string) (float64, *Error) {
	if w.text == "" {
		return 0, w.wrong("a rate is missing", "write "+example)
	}
	v, err := rateOf(w.text)
	return v, err.shift(w.at)
}

// readPeriod reads "every 60s".
func readPeriod(in *input, example string) (time.Duration, *Error) {
	if err := in.expect("every", example); err != nil {
		return 0, err
	}
	w := in.next()
	d, err := readDuration(w)
	if err == nil && d < MinPeriod {
		err = w.wrong(show(w.text)+" is shorter than anything here shows", "write "+FormatDuration(MinPeriod)+" or more")
	}
	return d, err
}

// expect takes a word that must stand next.
func (in *input) expect(text, example string) *Error {
	w := in.next()
	switch {
	case w.text == text:
		return nil
	case w.text == "":
		return w.wrong(text+" is missing", "write "+example)
	case Nearest(w.text, []string{text}) != "":
		return w.wrong(show(w.text)+" is not expected here", "did you mean "+text+"?")
	}
	return w.wrong(show(w.text)+" is not expected here", "write "+example)
}

// readReplay reads what follows "rate file": arrivals.csv [x2] [speed x2].
func readReplay(in *input, c *Change) *Error {
	const example = "rate file arrivals.csv"
	w := in.peek()
	if w.text == "" {
		return w.wrong("rate file needs the name of a file", "write "+example)
	}
	var err *Error
	if c.Name, err = in.name(); err != nil {
		return err
	}
	c.Times, c.Speed = 1, 1
	if strings.HasPrefix(in.peek().text, "x") {
		if c.Times, err = readFactor(in.next()); err != nil {
			return err
		}
	}
	if in.peek().text == "speed" {
		in.next()
		c.Speed, err = readFactor(in.next())
	}
	return err
}

// readFactor reads x2.
func readFactor(w word) (float64, *Error) {
	if !strings.HasPrefix(w.text, "x") {
		return 0, w.wrong(show(w.text)+" is not a factor", "write it like x2 or x0.5")
	}
	v, err := bounded(w.text[1:], "factor", 1/MaxFactor, MaxFactor)
	return v, err.shift(w.at + 1)
}

// readWeight reads checkout 30%.
func readWeight(in *input, c *Change) *Error {
	const example = "weight checkout 30%"
	w := in.peek()
	if w.text == "" {
		return w.wrong("weight needs a request and its share", "write "+example)
	}
	var err *Error
	if c.Name, err = in.name(); err != nil {
		return err
	}
	at := in.next()
	switch body, percent := strings.CutSuffix(at.text, "%"); {
	case at.text == "" && strings.HasSuffix(w.text, "%"):
		return w.wrong("which request?", "write weight checkout "+w.text)
	case at.text == "":
		return at.wrong("the share is missing", "write weight "+nameText(c.Name)+" 30%")
	case at.text[0] == '+' || at.text[0] == '-':
		return at.wrong("a share is not written as a step", "write the share itself, like 30%")
	case !percent && isNumber(at.text):
		return at.wrong(show(at.text)+" is not a share", "did you mean "+at.text+"%?")
	case !percent:
		return at.wrong(show(at.text)+" is not a share", "write it like 30%")
	default:
		c.Share, err = bounded(body, "share", 0, 100)
		return err.shift(at.at)
	}
}

// name takes one word, or a text in double quotes, in which \" and \\ stand for
// the characters themselves.
func (in *input) name() (string, *Error) {
	w := in.next()
	if !strings.HasPrefix(w.text, `"`) {
		return w.text, nil
	}
	end := w.at + 1
	for end < len(in.text) && in.text[end] != '"' {
		if in.text[end] == '\\' {
			end++
		}
		end++
	}
	end = min(end+1, len(in.text))
	text, err := unquote(word{in.text[w.at:end], w.at})
	switch {
	case err != nil:
		return "", err
	case text == "":
		return "", w.wrong("the name is empty", "")
	case strings.Contains(text, "\t"):
		return "", w.wrong("a tab within a name", "write a space")
	case end < len(in.text) && in.text[end] != ' ' && in.text[end] != '\t':
		return "", &Error{Offset: end, Msg: "text after the closing quote", Hint: `write a quote within the text as \"`}
	}
	for in.used < len(in.words) && in.words[in.used].at < end {
		in.used++
	}
	return text, nil
}

// nameText prints a name as name reads it.
func nameText(name string) string {
	if strings.ContainsAny(name, " \t") || strings.HasPrefix(name, `"`) {
		return quote(name)
	}
	return name
}

// signed prints the size of a step: down with a sign.
func signed(v float64) string {
	if v < 0 {
		return "-" + FormatRate(-v)
	}
	return FormatRate(v)
}

// shapeText prints what follows the verb of a change that moves the rate or
// the mix.
func (c Change) shapeText() string {
	switch c.Verb {
	case Wave:
		text := FormatRate(c.From) + ".." + FormatRate(c.To) + " every " + FormatDuration(c.Every)
		if c.Into > 0 {
			text += " from " + FormatDuration(c.Into)
		}
		if c.For > 0 {
			text += " for " + FormatDuration(c.For)
		}
		return text
	case Spike:
		return c.Amount.format(FormatRate) + " for " + FormatDuration(c.For)
	case Step:
		return FormatRate(c.From) + " by " + signed(c.By) + " every " + FormatDuration(c.Every) + " to " + FormatRate(c.To)
	case Weight:
		return nameText(c.Name) + " " + plain(c.Share) + "%"
	}
	text := "file " + nameText(c.Name)
	if c.Times != 1 {
		text += " x" + plain(c.Times)
	}
	if c.Speed != 1 {
		text += " speed x" + plain(c.Speed)
	}
	return text
}

package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"stoke/profiles"
	"stoke/profiles/grammar"
)

// The flag values below read what the grammar reads, and refuse with its
// words. A value that was not given stays at its zero, which means "as the
// profile says".

// rateValue is a rate, or max.
type rateValue struct {
	given  bool
	change grammar.Change
}

// Set implements pflag.Value.
func (v *rateValue) Set(text string) error {
	if text == "max" {
		v.given, v.change = true, grammar.Change{Verb: grammar.Rate, Amount: grammar.Amount{Op: grammar.Max}}
		return nil
	}
	rate, err := grammar.ParseRate(text)
	if err != nil {
		return err
	}
	v.given, v.change = true, grammar.Change{Verb: grammar.Rate, Amount: grammar.Amount{Op: grammar.Set, Value: rate}}
	return nil
}

// String implements pflag.Value.
func (v *rateValue) String() string {
	if !v.given {
		return ""
	}
	return strings.TrimPrefix(v.change.String(), "rate ")
}

// Type implements pflag.Value.
func (v *rateValue) Type() string { return "RATE" }

// ceilingValue is a rate that cannot be max.
type ceilingValue float64

// Set implements pflag.Value.
func (v *ceilingValue) Set(text string) error {
	rate, err := grammar.ParseRate(text)
	if err == nil && rate == 0 {
		err = fmt.Errorf("a ceiling of 0 lets nothing through: want a rate above 0")
	}
	if err != nil {
		return err
	}
	*v = ceilingValue(rate)
	return nil
}

// String implements pflag.Value.
func (v *ceilingValue) String() string {
	if *v == 0 {
		return ""
	}
	return grammar.FormatRate(float64(*v))
}

// Type implements pflag.Value.
func (v *ceilingValue) Type() string { return "RATE" }

// countValue is a whole number from 1.
type countValue int

// Set implements pflag.Value.
func (v *countValue) Set(text string) error {
	n, err := grammar.ParseCount(text)
	if err != nil {
		return err
	}
	*v = countValue(n)
	return nil
}

// String implements pflag.Value.
func (v *countValue) String() string {
	if *v == 0 {
		return ""
	}
	return strconv.Itoa(int(*v))
}

// Type implements pflag.Value.
func (v *countValue) Type() string { return "N" }

// timeValue is a length of time above 0.
type timeValue time.Duration

// Set implements pflag.Value.
func (v *timeValue) Set(text string) error {
	d, err := grammar.ParseDuration(text)
	if err != nil {
		return err
	}
	*v = timeValue(d)
	return nil
}

// String implements pflag.Value.
func (v *timeValue) String() string {
	if *v == 0 {
		return ""
	}
	return grammar.FormatDuration(time.Duration(*v))
}

// Type implements pflag.Value.
func (v *timeValue) Type() string { return "TIME" }

// choiceValue is one of a few words.
type choiceValue struct {
	word    string
	allowed []string
}

// Set implements pflag.Value.
func (v *choiceValue) Set(text string) error {
	if !slices.Contains(v.allowed, text) {
		msg := fmt.Sprintf("%q is not one of %s", text, strings.Join(v.allowed, ", "))
		if near := grammar.Nearest(text, v.allowed); near != "" {
			msg += ": did you mean " + near + "?"
		}
		return fmt.Errorf("%s", msg)
	}
	v.word = text
	return nil
}

// String implements pflag.Value.
func (v *choiceValue) String() string { return v.word }

// Type implements pflag.Value.
func (v *choiceValue) Type() string { return strings.Join(v.allowed, "|") }

// headersValue gathers "Name: value" lines.
type headersValue []profiles.Header

// Set implements pflag.Value.
func (v *headersValue) Set(text string) error {
	name, value, ok := strings.Cut(text, ":")
	if name = strings.TrimSpace(name); !ok || !isToken(name) {
		return fmt.Errorf(`%q is not a header: write it like "Accept: text/html"`, text)
	}
	if value = strings.TrimSpace(value); strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return fmt.Errorf("the value of %s holds a control character", name)
	}
	*v = append(*v, profiles.Header{Name: name, Value: value})
	return nil
}

// String implements pflag.Value.
func (v *headersValue) String() string {
	var lines []string
	for _, h := range *v {
		lines = append(lines, h.Name+": "+h.Value)
	}
	return strings.Join(lines, ", ")
}

// Type implements pflag.Value.
func (v *headersValue) Type() string { return `"NAME: VALUE"` }

// methodValue is an HTTP method.
type methodValue string

// Set implements pflag.Value.
func (v *methodValue) Set(text string) error {
	if !isToken(text) {
		return fmt.Errorf("%q is not a method: write it like GET or POST", text)
	}
	*v = methodValue(strings.ToUpper(text))
	return nil
}

// String implements pflag.Value.
func (v *methodValue) String() string { return string(*v) }

// Type implements pflag.Value.
func (v *methodValue) Type() string { return "METHOD" }

// nameValue is the name of a header.
type nameValue string

// Set implements pflag.Value.
func (v *nameValue) Set(text string) error {
	if !isToken(text) {
		return fmt.Errorf("%q is not the name of a header: write it like X-Seq", text)
	}
	*v = nameValue(text)
	return nil
}

// String implements pflag.Value.
func (v *nameValue) String() string { return string(*v) }

// Type implements pflag.Value.
func (v *nameValue) Type() string { return "NAME" }

// isToken reports whether text is a token of RFC 9110, section 5.6.2.
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}

// hostText is a host as somebody typed it, ready to be compared.
func hostText(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	return strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
}

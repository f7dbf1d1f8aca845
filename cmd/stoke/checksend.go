package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/engine/wire"
	"stoke/tui/units"
)

const (
	jobPatience = 30 * time.Second // longest time that a check waits for one job
	firstBytes  = 200              // of an answer that are shown, in characters
	shownValue  = 60               // of a value that are shown, in characters
	shownBody   = 16 << 10         // of a request's body that are shown, in bytes
)

// send sends each request once, one after the other, and each step of a
// scenario. What has weight 0 no run sends before somebody gives it a weight: it
// may delete.
func (c *checker) send(ctx context.Context) error {
	failed, sent := 0, 0
	told := time.Time{}
	for i := range c.profile.Requests {
		fmt.Fprintln(c.out)
		if q := &c.profile.Requests[i]; q.Weight == 0 {
			c.say("%s: not sent: its weight is 0", q.Name)
			continue
		}
		c.trial.Walk(ctx, i, jobPatience, func(x engine.Exchange) {
			if x.Poll == 0 {
				sent++
			}
			if x.Job == engine.JobWaiting {
				if time.Since(told) < time.Second && !c.bytes {
					return // a job of a minute is not a page of polls
				}
				told = time.Now()
			} else if !x.OK() && !strings.HasPrefix(x.Unsent, "since ") {
				failed++
			}
			c.show(&x)
		})
	}
	if failed > 0 {
		return &checkFailedError{failed: failed, sent: sent}
	}
	return nil
}

// preview shows what would be sent.
func (c *checker) preview() error {
	fmt.Fprintln(c.out, "\nNothing is sent. Random values and rows are drawn with seed 1; what only an answer gives\nstands as its placeholder.")
	for i := range c.profile.Requests {
		all, err := c.trial.Preview(i)
		if err != nil {
			return &startError{err}
		}
		for _, x := range all {
			c.say("")
			c.say("%s", exchangeName(&x))
			if x.Unsent != "" {
				c.say("  cannot be sent: %s", x.Unsent)
			}
			c.showRequest(x.Sent)
		}
	}
	return nil
}

// exchangeName is how an exchange is called in what a check prints.
func exchangeName(x *engine.Exchange) string {
	if x.Poll > 0 {
		return fmt.Sprintf("  poll %d", x.Poll)
	}
	return x.Name
}

// show prints what became of one exchange.
func (c *checker) show(x *engine.Exchange) {
	name := exchangeName(x)
	if x.Unsent != "" {
		c.say("%s: not sent: %s", name, x.Unsent)
		return
	}
	if c.bytes {
		c.say("%s", name)
		c.showRequest(x.Sent)
	}
	a := x.Answer
	r := &a.Result
	if r.Fault != wire.None {
		c.say("%s: no answer: %s", name, r.Detail)
		c.say("  %s", faultHint(r.Fault.String()))
		return
	}
	verdict := ""
	switch {
	case x.Poll > 0:
		verdict = ", job " + string(x.Job)
		if x.Why != "" {
			verdict += ": " + x.Why
		}
	case x.Class == measure.Limited:
		verdict = "   NOT EXPECTED: throttled"
	case !x.OK():
		verdict = "   NOT EXPECTED"
		if x.Class == measure.Status {
			verdict += ": " + c.expected(x.Name) + " is"
		}
	}
	c.say("%s: %d, %s, %s bytes, %s%s", name, r.Status, cmp.Or(a.Get("Content-Type"), "no content type"), units.Count(r.Body), units.Latency(r.T8-r.T4), verdict)
	if x.Poll > 0 && x.Job == engine.JobWaiting {
		return
	}
	c.headers(a)
	// Cut after masking: of a secret no part is to be seen either.
	if text := measure.Clean(c.mask.text(string(a.BodyStart)), firstBytes); text != "" {
		c.say("  %s", text)
	}
	c.findings(x)
}

// expected is the statuses that a request or step, by its name in the figures,
// is to bring.
func (c *checker) expected(name string) string {
	for i := range c.profile.Requests {
		q := &c.profile.Requests[i]
		if q.Name == name && len(q.Steps) == 0 {
			return cmp.Or(statuses(q.Expect), "200-399")
		}
		for j, step := range c.trial.Steps(i) {
			if step == name {
				return cmp.Or(statuses(q.Steps[j].Expect), "200-399")
			}
		}
	}
	return "200-399"
}

// headers prints the header lines of an answer that say how load on it would
// fare.
func (c *checker) headers(a *wire.Answer) {
	for _, h := range a.Header {
		value := measure.Clean(c.mask.text(h.Value), firstBytes)
		switch name := strings.ToLower(h.Name); {
		case name == "location" && a.Status >= 300 && a.Status < 400:
			c.say("  redirects to %s: load would test the redirect only", value)
		case name == "set-cookie":
			cookie, _, _ := strings.Cut(value, "=")
			c.say("  sets the cookie %s", cookie)
		case name == "location", name == "retry-after", name == "content-encoding", name == "www-authenticate",
			strings.HasPrefix(name, "ratelimit"), strings.HasPrefix(name, "x-ratelimit"):
			c.say("  %s: %s", name, value)
		}
	}
}

// findings prints which checks an answer passed, and what was captured.
func (c *checker) findings(x *engine.Exchange) {
	missed := false
	for _, k := range x.Checks {
		if k.Holds {
			c.say("  passed    %s", k.Text)
			continue
		}
		missed = true
		got := "there is none"
		if k.Has {
			got = "it is " + measure.Clean(c.mask.text(k.Got), shownValue)
		}
		c.say("  FAILED    %s: %s", k.Text, got)
	}
	for _, k := range x.Captured {
		if k.Has {
			c.say("  captured  %s = %s", k.Name, measure.Clean(c.mask.text(k.Value), shownValue))
		} else {
			missed = true
			c.say("  MISSING   %s: the answer has no %s", k.Name, k.Source)
		}
	}
	if missed {
		c.unseen(x.Answer)
	}
	if x.Poll == 0 && x.Job != engine.NoJob {
		c.say("  job       %s", x.Job)
	}
	if x.Poll == 0 && x.Why != "" {
		c.say("  FAILED    %s", x.Why)
	}
}

// showRequest prints a request as it goes out: each line behind a mark, what is
// not printable as \x00, secrets masked.
func (c *checker) showRequest(sent []byte) {
	if len(sent) == 0 {
		return
	}
	head, body, _ := bytes.Cut(sent, []byte("\r\n\r\n"))
	for line := range strings.SplitSeq(string(head), "\r\n") {
		fmt.Fprintf(c.out, "  > %s\n", visible(c.mask.header(line)))
	}
	fmt.Fprintln(c.out, "  >")
	if len(body) == 0 {
		return
	}
	text := c.mask.text(string(body))
	more := len(text) - shownBody
	if more > 0 {
		text = text[:shownBody]
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		fmt.Fprintf(c.out, "  > %s\n", visible(line))
	}
	if more > 0 {
		c.say("  … and %s more bytes", units.Count(int64(more)))
	}
}

// unseen says what of a body was not looked at, or not as it is meant.
func (c *checker) unseen(a *wire.Answer) {
	if a.Result.Body > engine.KeptBody {
		c.say("            of a body the first %s bytes are looked at", units.Count(engine.KeptBody))
	}
	if how := a.Get("Content-Encoding"); how != "" && how != "identity" {
		c.say("            the body came as %s, and is looked at as it came: do not ask for it by accept-encoding", measure.Clean(how, shownValue))
	}
}

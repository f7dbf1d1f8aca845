package main

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"

	"stoke/engine"
	"stoke/profiles"
	"stoke/profiles/feeder"
	"stoke/profiles/grammar"
	"stoke/profiles/template"
	"stoke/tui/units"
)

// describe prints what a profile would do.
func (c *checker) describe() error {
	p := c.profile
	c.say("%s is valid: %s to %s", p.Name, howMany(p), p.Target)
	if err := c.requests(); err != nil {
		return err
	}
	if err := c.data(); err != nil {
		return err
	}
	c.way()
	late := map[string]string{"queue": "queue", "shed": "are shed"}[p.Late]
	c.say("load      concurrency %s, %s arrivals, late requests %s up to %s", units.Count(int64(p.Concurrency)), p.Arrivals, late, grammar.FormatDuration(p.MaxLate))
	c.rate()
	c.say("limits    %s to connect, %s to answer", grammar.FormatDuration(p.ConnectTimeout), grammar.FormatDuration(p.Timeout))
	c.reactions()
	if len(p.Phases) == 0 {
		c.say("phases    none: the dials are yours, the rate begins at 10/s")
		return nil
	}
	c.phases()
	return nil
}

// howMany is "2 requests and 1 scenario".
func howMany(p *profiles.Profile) string {
	scenarios := 0
	for _, q := range p.Requests {
		if len(q.Steps) > 0 {
			scenarios++
		}
	}
	switch single := len(p.Requests) - scenarios; {
	case scenarios == 0:
		return plural(single, "request")
	case single == 0:
		return plural(scenarios, "scenario")
	default:
		return plural(single, "request") + " and " + plural(scenarios, "scenario")
	}
}

// requests prints the mix, each scenario with its steps.
func (c *checker) requests() error {
	sum := 0.0
	for _, q := range c.profile.Requests {
		sum += q.Weight
	}
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 3, ' ', 0)
	row := func(cells ...string) {
		for i := range cells {
			cells[i] = oneLine(c.mask.text(cells[i]))
		}
		fmt.Fprintf(table, "  %s\n", strings.Join(cells, "\t"))
	}
	for i := range c.profile.Requests {
		q := &c.profile.Requests[i]
		share := fmt.Sprintf("%.1f %%", 100*q.Weight/sum)
		if len(q.Steps) == 0 {
			row(share, q.Name, q.Method+" "+q.Path, c.details(q))
			continue
		}
		facts := "cookies kept, a failed step ends it"
		if !*q.Cookies {
			facts = strings.Replace(facts, "cookies kept", "no cookies", 1)
		}
		if q.Failed == profiles.FailedContinue {
			facts = strings.Replace(facts, "a failed step ends it", "goes on after a failed step", 1)
		}
		row(share, q.Name, "scenario of "+plural(len(q.Steps), "step"), facts)
		for j, name := range c.trial.Steps(i) {
			step := &q.Steps[j]
			row("", "  "+strings.TrimPrefix(name, q.Name+" / "), step.Method+" "+step.Path, c.details(step))
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		fmt.Fprintln(c.out, strings.TrimRight(line, " \n")) // the last cell may be empty
	}
	return nil
}

// details are what a request has besides method and path.
func (c *checker) details(q *profiles.Request) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	switch t := q.Think; {
	case t.To > t.From:
		add("thinks %s..%s before", grammar.FormatDuration(t.From), grammar.FormatDuration(t.To))
	case t.From > 0:
		add("thinks %s before", grammar.FormatDuration(t.From))
	}
	if n := len(engine.Spec(c.profile, q).Headers); n > 0 {
		add("%s", plural(n, "header"))
	}
	if text := c.body(q); text != "" {
		add("%s", text)
	}
	if text := statuses(q.Expect); text != "" {
		add("expects %s", text)
	}
	for i := range q.Checks {
		if i == 0 {
			add("checks %s", q.Checks[i].String())
		} else {
			add("%s", q.Checks[i].String())
		}
	}
	for _, k := range q.Capture {
		add("captures %s (%s)", k.Name, k.Source)
	}
	if q.Retry != nil {
		add("%s", engine.RetryPolicy(c.profile, q))
	}
	if j := q.Async; j != nil {
		add("job: polls %s every %s ±%.0f %%, done when %s", cmp.Or(j.Poll, "${header.location}"), grammar.FormatDuration(j.Every), 100*j.Jitter, j.Done.String())
		if j.Failed != nil {
			add("failed when %s", j.Failed.String())
		}
		add("lost after %s", grammar.FormatDuration(j.Within))
	}
	return strings.Join(parts, ", ")
}

// body says what a request sends.
func (c *checker) body(q *profiles.Request) string {
	switch {
	case q.BodyFile != "":
		return fmt.Sprintf("the file %s as body (%s bytes)", q.BodyFile, units.Count(int64(len(c.files.Bodies[q.BodyFile]))))
	case len(q.Form) > 0:
		return "a form of " + plural(len(q.Form), "field")
	case len(q.Multipart) > 0:
		text := "multipart of " + plural(len(q.Multipart), "part")
		for _, part := range q.Multipart {
			if part.File != "" {
				text += fmt.Sprintf(", one is %s (%s bytes)", part.File, units.Count(int64(len(c.files.Bodies[part.File]))))
			}
		}
		return text
	case q.JSON != "" && filled(q.JSON), q.Body != "" && filled(q.Body):
		return "a body with placeholders"
	case len(q.JSON)+len(q.Body) > 0:
		return plural(len(q.JSON)+len(q.Body), "byte") + " of body"
	}
	return ""
}

// filled reports whether a text has placeholders.
func filled(text string) bool {
	t, err := template.Parse(text)
	return err == nil && len(t.Refs()) > 0
}

// statuses are the accepted ones, as a profile writes them.
func statuses(ranges []profiles.StatusRange) string {
	var all []string
	for _, r := range ranges {
		if r.From == r.To {
			all = append(all, fmt.Sprint(r.From))
		} else {
			all = append(all, fmt.Sprintf("%d-%d", r.From, r.To))
		}
	}
	return strings.Join(all, ", ")
}

// data prints the files of values, and where secrets come from.
func (c *checker) data() error {
	table := tabwriter.NewWriter(c.out, 0, 0, 3, ' ', 0)
	for i, d := range c.profile.Data {
		t := c.files.Tables[d.Name]
		label := "data"
		if i > 0 {
			label = ""
		}
		columns := oneLine(strings.Join(t.Columns, ", "))
		if !slices.ContainsFunc(c.profile.Mentions, func(m profiles.Mention) bool { return columnOf(m.Text, d.Name, t) }) {
			columns += "; NOT USED: no request says ${" + oneLine(d.Name) + ".…}"
		}
		fmt.Fprintf(table, "%-10s%s\t%s\t%s, %s\t%s\n", label, oneLine(d.Name), oneLine(d.File), units.Count(int64(t.Rows()))+strings.TrimLeft(plural(t.Rows(), "row"), "0123456789"),
			cmp.Or(d.Order, feeder.Sequential), columns)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	set := slices.DeleteFunc(slices.Sorted(maps.Keys(c.files.Secrets)), func(text string) bool {
		name, env := strings.CutPrefix(text, "env.")
		return env && slices.Contains(c.unset, name)
	})
	if len(set) > 0 {
		fmt.Fprintf(c.out, "secrets   %s: set, and never shown\n", oneLine(strings.Join(set, ", ")))
	}
	if len(c.unset) > 0 {
		fmt.Fprintf(c.out, "NOT SET   %s: a run needs it: export %s=…\n", oneLine(strings.Join(c.unset, ", ")), oneLine(c.unset[0]))
	}
	return nil
}

// columnOf reports whether what a profile mentions is a column of that data;
// the name of a file looks much the same.
func columnOf(mention, data string, t *feeder.Table) bool {
	parsed, err := template.Parse("${" + mention + "}")
	if err != nil || len(parsed.Refs()) != 1 {
		return false
	}
	ref := parsed.Refs()[0].Ref
	return ref.Kind == template.Column && ref.Name == data && t.Column(ref.Arg) >= 0
}

// way prints how connections reach the target.
func (c *checker) way() {
	p := c.profile
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	switch {
	case p.UnixSocket != "":
		add("unix socket %s", p.UnixSocket)
	case c.files.Socket != "":
		add("unix socket %s", c.files.Socket)
	case p.ConnectTo != "":
		add("connects to %s in place of the target", p.ConnectTo)
	case p.Proxy != "":
		add("through the proxy %s", proxyText(p.Proxy))
	default:
		add("direct")
	}
	if len(p.Source) > 0 {
		text := p.Source[0].String()
		for _, addr := range p.Source[1:] {
			text += ", " + addr.String()
		}
		if len(p.Source) > 1 {
			text += " in turn"
		}
		add("from %s", text)
	}
	switch k := p.Connections; {
	case !*p.KeepAlive:
		add("a connection for each request")
	case k == (profiles.Connections{}):
		add("connections kept alive")
	default:
		var bounds []string
		if k.MaxRequests > 0 {
			bounds = append(bounds, plural(k.MaxRequests, "request"))
		}
		if k.MaxAge > 0 {
			bounds = append(bounds, grammar.FormatDuration(k.MaxAge))
		}
		add("connections closed after %s", strings.Join(bounds, " or "))
	}
	if p.DNSTTL > 0 {
		add("looked up every %s", grammar.FormatDuration(p.DNSTTL))
	}
	c.say("way       %s", strings.Join(parts, ", "))
	if strings.HasPrefix(strings.ToLower(p.Target), "https:") {
		c.say("tls       %s", c.tls())
	}
}

// proxyText is the address of a proxy without who uses it.
func proxyText(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return hidden
	}
	if u.User == nil {
		return u.Host
	}
	return u.Host + " with a password"
}

// tls says how TLS is spoken.
func (c *checker) tls() string {
	t := c.profile.TLS
	parts := []string{fmt.Sprintf("%s to %s", cmp.Or(t.Min, "1.2"), cmp.Or(t.Max, "1.3"))}
	switch {
	case t.Insecure:
		parts = append(parts, "ANY CERTIFICATE IS ACCEPTED")
	case len(c.files.CA) > 0:
		parts = append(parts, "trusts "+cmp.Or(t.CA, "the file of --ca")+" and the system's certificates")
	default:
		parts = append(parts, "trusts the system's certificates")
	}
	if len(c.files.Cert) > 0 {
		parts = append(parts, "shows the client certificate "+cmp.Or(t.Cert, "of --cert"))
	}
	if t.ServerName != "" {
		parts = append(parts, "server name "+t.ServerName)
	}
	if t.Resume != nil && !*t.Resume {
		parts = append(parts, "every handshake a full one")
	}
	return strings.Join(parts, ", ")
}

// rate prints what a rate counts, and the ceilings in both units.
func (c *checker) rate() {
	p := c.profile
	ceiling, per := engine.CeilingOf(p, engine.Ceiling{}), engine.PerStart(p)
	steps := slices.ContainsFunc(p.Requests, func(q profiles.Request) bool { return len(q.Steps) > 0 })
	if !steps {
		c.say("ceilings  %s/s and concurrency %s", units.Setting(ceiling.Rate), units.Count(int64(ceiling.Concurrency)))
		return
	}
	counts := "starts"
	if p.RateCounts == profiles.CountRequests {
		counts = "requests"
	}
	c.say("rate      counts %s; a start asks for %s requests on average", counts, units.Setting(per))
	c.say("ceilings  %s requests/s, which is %s starts/s, and concurrency %s",
		units.Setting(ceiling.Rate), units.Setting(ceiling.Rate/per), units.Count(int64(ceiling.Concurrency)))
}

// reactions prints what a client does about answers that it did not want.
func (c *checker) reactions() {
	p := c.profile
	if len(p.Limited) > 0 {
		c.say("throttled 429, 503 with Retry-After, %s", strings.Trim(strings.ReplaceAll(fmt.Sprint(p.Limited), " ", ", "), "[]"))
	}
	if policy := engine.RetryPolicy(p, &profiles.Request{}); policy != "" {
		if y := p.Retry; y != nil {
			policy += fmt.Sprintf("; pauses from %s to %s, %.0f %% of them at random", grammar.FormatDuration(y.Backoff), grammar.FormatDuration(y.Max), 100*y.Jitter)
			if y.Budget > 0 {
				policy += fmt.Sprintf(", at most %.0f %% of first attempts", 100*y.Budget)
			}
		}
		c.say("retries   %s", policy)
	}
}

package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"stoke/engine"
	"stoke/profiles"
	"stoke/profiles/grammar"
)

// runFlags are the flags that run and demo share.
type runFlags struct {
	// how it is watched
	headless, plain bool
	lookFlags
	json string
	// when it begins and ends
	goAtOnce, end bool
	duration      timeValue
	grace         timeValue
	confirmed     string
	kernelStamps  bool
	// the load
	rate             rateValue
	concurrency      countValue
	arrivals, late   choiceValue
	maxLate          timeValue
	seed             uint64
	limitRate        ceilingValue
	limitConcurrency countValue
	// the request
	method                  methodValue
	headers                 headersValue
	body                    string
	seqHeader               nameValue
	timeout, connectTimeout timeValue
	insecure, noKeepAlive   bool
	ca                      string
	wayFlags
}

// add declares the flags on a command.
func (f *runFlags) add(cmd *cobra.Command) {
	f.arrivals.allowed = []string{"uniform", "poisson"}
	f.late.allowed = []string{"queue", "shed"}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.Var(&f.rate, "rate", "requests per second, as in 500, 2k or 90/m, or max for the closed model; replaces the profile's phases")
	fs.Var(&f.concurrency, "concurrency", "most requests in flight at a time (default: the profile's, else 64)")
	fs.Var(&f.duration, "duration", "end after so long, as in 20s or 5m (default: with the phases, else never)")
	fs.Var(&f.arrivals, "arrivals", "spacing of the requests (default: the profile's, else poisson)")
	fs.Var(&f.late, "late", "what a request does for which no slot is free (default: the profile's, else queue)")
	fs.Var(&f.maxLate, "max-late", "longest wait for a slot (default: the profile's, else the timeout)")
	fs.Uint64Var(&f.seed, "seed", 0, "seed of arrivals and of the choice of requests (default: random)")
	fs.Var(&f.limitRate, "limit-rate", "ceiling for the rate; may lower the profile's, never raise it")
	fs.Var(&f.limitConcurrency, "limit-concurrency", "ceiling for the concurrency; may lower the profile's, never raise it")
	f.addRequest(fs)
	fs.Var(&f.seqHeader, "seq-header", "add a header of this name with a running number, for servers that log")
	fs.BoolVar(&f.kernelStamps, "kernel-stamps", false, "ask the kernel on 1 % of the connections when answers came, to see how late they were read (Linux)")
	fs.BoolVar(&f.headless, "headless", false, "no cockpit: start at once, progress on standard error, the result on standard output")
	fs.StringVar(&f.json, "json", "", "write the result as JSON to FILE, or to standard output with -")
	fs.BoolVar(&f.goAtOnce, "go", false, "start at once, without the READY screen and its probe")
	fs.BoolVar(&f.end, "end", false, "end with the last phase, in the cockpit too")
	fs.Var(&f.grace, "grace", "how long a stop waits for what is in flight (default: the timeout)")
	f.addConfirm(fs)
	fs.BoolVar(&f.plain, "plain", false, "plain lines in place of the cockpit")
	f.addLook(fs)
	placeholder(fs.Lookup("seed"), "N")
	placeholder(fs.Lookup("json"), "FILE|-")
}

// addRequest declares the flags about the request and the way to the target.
func (f *runFlags) addRequest(fs *pflag.FlagSet) {
	fs.Var(&f.timeout, "timeout", "longest time from the first byte sent to the last received (default: the profile's, else 10s)")
	fs.Var(&f.connectTimeout, "connect-timeout", "longest time to open a connection (default: the profile's)")
	fs.Var(&f.method, "method", "method of the request (a URL's, or of every request of the profile)")
	fs.Var(&f.headers, "header", "header line to send; may be repeated")
	fs.StringVar(&f.body, "body", "", "body to send, or @FILE to read it from")
	fs.BoolVar(&f.insecure, "insecure", false, "accept any certificate")
	fs.StringVar(&f.ca, "ca", "", "trust the certificates in this PEM FILE too")
	fs.BoolVar(&f.noKeepAlive, "no-keep-alive", false, "open a connection for each request")
	f.wayFlags.add(fs)
	placeholder(fs.Lookup("body"), "TEXT|@FILE")
	placeholder(fs.Lookup("ca"), "FILE")
}

// addConfirm declares the flag that confirms a target.
func (f *runFlags) addConfirm(fs *pflag.FlagSet) {
	fs.StringVar(&f.confirmed, "confirm-target", "", "confirm that the target, which is not this machine, may be loaded")
	placeholder(fs.Lookup("confirm-target"), "HOST")
}

// check looks for flags that contradict each other.
func (f *runFlags) check(cmd *cobra.Command) error {
	if _, err := f.look(func(string) string { return "" }); err != nil {
		return err
	}
	switch {
	case f.headless && f.plain:
		return &usageError{msg: "--headless and --plain exclude each other", hint: "--plain is the cockpit in lines; --headless needs no terminal"}
	case f.json == "-" && !f.headless:
		return &usageError{msg: "--json - needs --headless: the cockpit writes to standard output", hint: "add --headless, or name a file"}
	case cmd.Flags().Changed("seed") && f.seed == 0:
		return &usageError{msg: "--seed 0 is no seed", hint: "give a number from 1, or leave the flag out for a random one"}
	}
	return nil
}

// apply puts the flags over what the profile says. Ceilings are not its
// business: see ceiling.
func (f *runFlags) apply(p *profiles.Profile, stdin io.Reader) error {
	if f.rate.given {
		p.Phases = nil
	}
	set(&p.Concurrency, int(f.concurrency))
	set(&p.Arrivals, f.arrivals.word)
	set(&p.Late, f.late.word)
	set(&p.MaxLate, time.Duration(f.maxLate))
	set(&p.Timeout, time.Duration(f.timeout))
	set(&p.ConnectTimeout, time.Duration(f.connectTimeout))
	if f.insecure {
		p.TLS.Insecure = true
	}
	if f.noKeepAlive {
		keep := false
		p.KeepAlive = &keep
	}
	if err := f.wayFlags.apply(p); err != nil {
		return err
	}
	body, err := f.readBody(stdin)
	if err != nil {
		return err
	}
	for i := range p.Requests {
		q := &p.Requests[i]
		if len(q.Steps) > 0 {
			if f.method != "" || f.body != "" {
				return &usageError{msg: fmt.Sprintf("--method and --body do not say which step of the scenario %s they are for", q.Name),
					hint: "write them into the profile, or run one without scenarios"}
			}
			for j := range q.Steps {
				q.Steps[j].Headers = override(q.Steps[j].Headers, f.headers)
			}
			continue
		}
		if f.method != "" {
			q.Method = string(f.method)
		}
		if f.body != "" {
			q.Body, q.JSON, q.BodyFile, q.Form, q.Multipart = body, "", "", nil, nil
			if f.method == "" && p.Origin == originURL {
				q.Method = "POST"
			}
		}
		q.Headers = override(q.Headers, f.headers)
	}
	return nil
}

// set replaces old by a value that was given.
func set[T comparable](old *T, given T) {
	var zero T
	if given != zero {
		*old = given
	}
}

// override is the headers with those of the flags in place of others with the
// same name.
func override(own, flags []profiles.Header) []profiles.Header {
	if len(flags) == 0 {
		return own
	}
	var out []profiles.Header
	for _, h := range own {
		replaced := false
		for _, g := range flags {
			replaced = replaced || strings.EqualFold(h.Name, g.Name)
		}
		if !replaced {
			out = append(out, h)
		}
	}
	return append(out, flags...)
}

// maxBody bounds a body read from a file: every request carries it.
const maxBody = 64 << 20

func (f *runFlags) readBody(stdin io.Reader) (string, error) {
	path, fromFile := strings.CutPrefix(f.body, "@")
	if !fromFile {
		return f.body, nil
	}
	in := stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return "", &usageError{msg: fmt.Sprintf("--body %s: %v", f.body, unwrapPath(err)), hint: "name a file that can be read, or write the text itself"}
		}
		defer file.Close()
		in = file
	}
	data, err := io.ReadAll(io.LimitReader(in, maxBody+1))
	if err != nil {
		return "", &usageError{msg: fmt.Sprintf("--body %s: %v", f.body, err)}
	}
	if len(data) > maxBody {
		return "", &usageError{msg: fmt.Sprintf("--body %s is larger than %d MB", f.body, maxBody>>20)}
	}
	return string(data), nil
}

// ceiling is what the flags allow, once it is sure that they raise nothing.
func (f *runFlags) ceiling(p *profiles.Profile) (engine.Ceiling, error) {
	c := engine.Ceiling{Rate: float64(f.limitRate), Concurrency: int(f.limitConcurrency)}
	if p.Limits.Rate > 0 && c.Rate > p.Limits.Rate {
		return c, &usageError{
			msg:  fmt.Sprintf("--limit-rate %s would raise the profile's ceiling of %s", grammar.FormatRate(c.Rate), grammar.FormatRate(p.Limits.Rate)),
			hint: "a flag may lower a ceiling, never raise it: change limits in the profile",
		}
	}
	if p.Limits.Concurrency > 0 && c.Concurrency > p.Limits.Concurrency {
		return c, &usageError{
			msg:  fmt.Sprintf("--limit-concurrency %d would raise the profile's ceiling of %d", c.Concurrency, p.Limits.Concurrency),
			hint: "a flag may lower a ceiling, never raise it: change limits in the profile",
		}
	}
	return c, nil
}

// options are the engine's options for a profile with the flags applied.
func (f *runFlags) options(p *profiles.Profile) (engine.Options, error) {
	c, err := f.ceiling(p)
	if err != nil {
		return engine.Options{}, err
	}
	return engine.Options{
		Profile:       p,
		Seed:          f.seed,
		Duration:      time.Duration(f.duration),
		SeqHeader:     string(f.seqHeader),
		KernelStamps:  f.stampShare(),
		Ceiling:       c,
		EndWithPhases: f.headless || f.end,
		Grace:         time.Duration(f.grace),
	}, nil
}

// kernelShare is the share of connections on which the kernel is asked.
const kernelShare = 0.01

func (f *runFlags) stampShare() float64 {
	if f.kernelStamps {
		return kernelShare
	}
	return 0
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"stoke/profiles"
	"stoke/profiles/grammar"
	"stoke/tui"
	"stoke/tui/opening"
	"stoke/tui/units"
)

// opening shows what can be driven, and drives what is chosen.
func (a *app) opening(ctx context.Context, look *lookFlags) error {
	c, ok, err := a.choose(ctx, look)
	if err != nil || !ok {
		return err
	}
	flags := &runFlags{lookFlags: *look}
	if c.Kind == opening.Demo {
		return a.demo(ctx, flags, demoSettings())
	}
	p, err := a.load(c.Name)
	if err != nil {
		return err
	}
	return a.drive(ctx, p, flags, false, "")
}

// choose shows the first screen; ok is false if the user left.
func (a *app) choose(ctx context.Context, look *lookFlags) (c opening.Choice, ok bool, err error) {
	t, err := look.look(a.getenv)
	if err != nil {
		return c, false, err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	in, out := a.in.(*os.File), a.out.(*os.File)
	defer a.onExit(restorer(in))()
	c, ok, err = tui.Choose(ctx, tui.ChooseOptions{
		In: in, Out: out, Theme: t, ASCII: look.ascii,
		NoColor: look.noColor || a.getenv("NO_COLOR") != "",
		Entries: entries,
		Check: func(url string) error {
			_, err := profiles.FromURL(url)
			return err
		},
	})
	var bug *tui.PanicError
	if errors.As(err, &bug) {
		a.crashed(bug.Value, bug.Stack)
	}
	if err == nil && ctx.Err() != nil {
		return c, false, outcome(exitStopped)
	}
	return c, ok, err
}

// entries lists what can be driven.
func entries() ([]opening.Entry, error) {
	list := []opening.Entry{
		{Kind: opening.URL, Name: "a URL …", About: "type an address and send requests to it",
			Details: []string{"One GET, over and over, at the rate that you drive. Flags say more: stoke run URL --help"}},
		{Kind: opening.Demo, Name: "the demo", About: "a target of its own on this machine: just look and press keys",
			Details: []string{"Begins at once at 100/s. Latency bends from about 300/s, and above 400/s the target's rate limit answers.", "The same as: stoke demo"}},
	}
	var problem error
	dir, err := profiles.Dir()
	if err != nil {
		dir, problem = "", err
	}
	saved, err := profiles.Library{Dir: dir}.List()
	if err != nil {
		problem = err
	}
	for _, e := range saved {
		list = append(list, entryOf(e))
	}
	return list, problem
}

func entryOf(e profiles.Entry) opening.Entry {
	o := opening.Entry{Kind: opening.Saved, Name: e.Name, About: e.About}
	if e.Example() {
		o.Kind = opening.Example
	}
	if e.Err != nil {
		o.Problem = strings.ReplaceAll(e.Err.Error(), e.Path+":", "line ") // its name stands beside
		return o
	}
	p := e.Profile
	if o.About == "" {
		o.About = p.Target
	}
	var names []string
	for _, q := range p.Requests {
		names = append(names, q.Name)
	}
	o.Details = []string{
		"target    " + p.Target,
		"sends     " + units.Count(int64(len(p.Requests))) + ": " + strings.Join(names, ", "),
		"plan      " + planOf(p),
		"the same as: stoke run " + e.Name,
	}
	if e.Path != "" {
		o.Details = append(o.Details, "file      "+e.Path)
	}
	return o
}

// planOf is the phases in short.
func planOf(p *profiles.Profile) string {
	if len(p.Phases) == 0 {
		return "none: you drive from " + grammar.FormatRate(profiles.DefaultRate) + "/s"
	}
	var texts []string
	for _, phase := range p.Phases {
		texts = append(texts, phase.Text)
	}
	return fmt.Sprintf("%s, %s", grammar.FormatDuration(p.PlanLength()), strings.Join(texts, ", "))
}

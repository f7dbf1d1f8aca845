package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"stoke/profiles"
	"stoke/profiles/grammar"
)

// demoRate is where the demo begins: about a quarter of what its target takes.
const demoRate = 100

// demoCommand runs a profile against a target of its own.
func (a *app) demoCommand() *cobra.Command {
	var flags runFlags
	settings := demoSettings()
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "The cockpit on a target of its own: nothing to set up",
		Long: `Start a demo target on this machine and drive it. It begins at once, at 100/s; press the up
arrow and watch: latency bends from about 300/s, the target's rate limit answers above 400/s.
All flags of run apply; the target's own begin with --target-.`,
		Example: `  stoke demo
  stoke demo --headless --json - --duration 5s
  stoke demo --target-latency 5ms --target-stall "1s every 10s"`,
		Args: exactly(0, "stoke demo [flags]"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := flags.check(cmd); err != nil {
				return err
			}
			if _, err := settings.config("target-"); err != nil {
				return err
			}
			return a.demo(cmd.Context(), &flags, settings)
		},
	}
	flags.add(cmd)
	settings.add(cmd.Flags(), "target-")
	return cmd
}

// demoSettings are those of the demo's target. Twelve workers with a mean of
// 29 ms a request take about 410 requests a second: latency bends from some 300
// on, and above 400 the limiter says so.
func demoSettings() *targetFlags {
	settings := &targetFlags{latency: "lognormal 20ms 0.8", errors: "0.2%", seed: 1}
	_ = settings.rateLimit.Set("400")
	_ = settings.burst.Set("40")
	_ = settings.capacity.Set("12")
	return settings
}

func (a *app) demo(ctx context.Context, flags *runFlags, settings *targetFlags) error {
	var child *child
	var err error
	a.progress("starting the demo target", func() { child, err = a.startTarget(settings) })
	if err != nil {
		return err
	}
	defer child.stop()
	if !flags.rate.given {
		flags.rate.given = true
		flags.rate.change = grammar.Change{Verb: grammar.Rate, Amount: grammar.Amount{Op: grammar.Set, Value: demoRate}}
	}
	remark := "Start its target first: stoke target --listen=" + strings.TrimPrefix(child.url, "http://")
	for _, arg := range settings.args() {
		remark += " '" + arg + "'"
	}
	return a.drive(ctx, demoProfile(child.url), flags, true, remark)
}

// demoProfile is the traffic of the demo.
func demoProfile(url string) *profiles.Profile {
	return &profiles.Profile{
		Origin: originDemo,
		Name:   "demo",
		Target: url,
		Requests: []profiles.Request{
			{Name: "browse", Weight: 60, Method: "GET", Path: "/products"},
			{Name: "product", Weight: 20, Method: "GET", Path: "/products/7"},
			{Name: "search", Weight: 10, Method: "GET", Path: "/search?q=lamp"},
			{Name: "cart", Weight: 7, Method: "POST", Path: "/cart", JSON: `{"product":7}`},
			{Name: "checkout", Weight: 3, Method: "POST", Path: "/checkout", JSON: `{"cart":"c1"}`},
		},
	}
}

// child is a demo target in a process of its own, so that its work does not
// count as ours.
type child struct {
	cmd    *exec.Cmd
	stdin  io.Closer // the child ends when this does, and so when we do, however we end
	url    string
	stderr *strings.Builder
}

// startTarget starts this program again as a target and waits until it is
// ready.
func (a *app) startTarget(settings *targetFlags) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program, to start the demo target: %w", err)
	}
	return a.startChild(self, settings.args())
}

// startChild starts program, which is this one, as a target with the flags in
// args.
func (a *app) startChild(program string, args []string) (*child, error) {
	c := &child{stderr: &strings.Builder{}}
	c.cmd = exec.Command(program, append([]string{"target", "--listen=127.0.0.1:0", "--with-parent"}, args...)...)
	c.cmd.Stderr = c.stderr
	// ctrl+c is for us: the target must outlive the last request.
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the demo target: %w", err)
	}
	c.stdin = stdin
	stdout, err := c.cmd.StdoutPipe()
	if err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("starting the demo target: %w", err)
	}
	ready := make(chan string, 1)
	go func() {
		defer a.guard()
		line, _ := bufio.NewReader(stdout).ReadString('\n')
		ready <- strings.TrimSpace(line)
	}()
	select {
	case c.url = <-ready:
	case <-time.After(10 * time.Second):
	}
	if !strings.HasPrefix(c.url, "http://") {
		c.stop()
		return nil, fmt.Errorf("starting the demo target: it did not get ready: %s", strings.TrimSpace(c.stderr.String()))
	}
	return c, nil
}

// stop ends the child and waits for it, 2 s at most.
func (c *child) stop() {
	c.stdin.Close()
	kill := time.AfterFunc(2*time.Second, func() { _ = c.cmd.Process.Kill() })
	defer kill.Stop()
	_ = c.cmd.Wait() // its exit code says nothing about the run
}

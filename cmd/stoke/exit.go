package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"stoke/engine"
	"stoke/profiles"
	"stoke/profiles/grammar"
)

// The exit codes. Scripts rely on them.
const (
	exitMet      = 0 // the thresholds were met, or there are none
	exitMissed   = 1 // a threshold was missed
	exitUsage    = 2 // bad usage or profile
	exitInvalid  = 3 // this machine was the bottleneck
	exitStopped  = 4 // cut short: a signal, the final stop, a bounded plan ended early
	exitInternal = 5 // a bug, or this machine failed us: a result that could not be written
)

// precedence orders the exit codes: the first that applies wins.
var precedence = [...]int{exitInternal, exitUsage, exitInvalid, exitMissed, exitStopped, exitMet}

// worst is the code that wins over the others.
func worst(codes ...int) int {
	for _, code := range precedence {
		for _, c := range codes {
			if c == code {
				return code
			}
		}
	}
	return exitMet
}

// outcome is the exit code of a run that went as it went. It has nothing to
// say: the run's own summary has said it.
type outcome int

// Error implements error.
func (o outcome) Error() string { return fmt.Sprintf("exit %d", int(o)) }

// usageError is a command line that makes no sense.
type usageError struct {
	msg  string
	hint string // what to type instead; may be empty
}

// Error implements error.
func (e *usageError) Error() string { return e.msg }

// unconfirmedError refuses load on a host that nobody has confirmed.
type unconfirmedError struct {
	host string
	said string // what was typed or given instead, if anything
}

// Error implements error.
func (e *unconfirmedError) Error() string {
	if e.said != "" {
		return fmt.Sprintf("the target is %s, confirmed was %s: nothing was sent", e.host, e.said)
	}
	return fmt.Sprintf("the target %s is not this machine, and nobody has confirmed it: nothing was sent", e.host)
}

// startError is why a run could not be prepared: nothing was sent.
type startError struct{ err error }

// Error implements error.
func (e *startError) Error() string { return e.err.Error() }

// Unwrap returns the reason.
func (e *startError) Unwrap() error { return e.err }

// unansweredError says that a run ended without a single answer.
type unansweredError struct {
	asked  int64
	target string
	fault  string // the most frequent one
	detail string // its sample message, may be empty
}

// Error implements error.
func (e *unansweredError) Error() string {
	msg := fmt.Sprintf("%s gave no answer to any of %d requests (%s", e.target, e.asked, e.fault)
	if e.detail != "" {
		msg += ": " + e.detail
	}
	return msg + ")"
}

// checkFailedError says that `check --send` got something else than expected.
type checkFailedError struct{ failed, sent int }

// Error implements error.
func (e *checkFailedError) Error() string {
	return fmt.Sprintf("%d of %d requests did not bring what the profile expects", e.failed, e.sent)
}

// bugHint stands below an error that is ours.
const bugHint = "this is a bug: please report it to the maintainers, with the command and what STOKE_DEBUG=1 adds"

// explain turns an error into what the user is told, what to do next, and the
// exit code. It is the only place that does.
func explain(err error) (msg, hint string, code int) {
	var (
		ended      outcome
		usage      *usageError
		refused    *unconfirmedError
		unanswered *unansweredError
		unexpected *checkFailedError
		language   *grammar.Error
		problems   *profiles.Problems
		problem    *profiles.Problem
		missing    *profiles.NotFound
		refusal    *engine.Refusal
		lookup     *net.DNSError
		start      *startError
	)
	switch {
	case err == nil:
		return "", "", exitMet
	case errors.As(err, &usage):
		return err.Error(), usage.hint, exitUsage
	case errors.As(err, &refused):
		return err.Error(), "if it is yours to load, add --confirm-target " + refused.host, exitUsage
	case errors.As(err, &unanswered):
		return err.Error(), faultHint(unanswered.fault), exitMissed
	case errors.As(err, &unexpected):
		return err.Error(), "correct the requests, or what the profile expects of them: expect, capture, async", exitMissed
	case errors.As(err, &language), errors.As(err, &problems), errors.As(err, &problem), errors.As(err, &missing), errors.As(err, &refusal):
		return err.Error(), "", exitUsage
	case errors.As(err, &lookup):
		return err.Error(), faultHint("dns:"), exitUsage
	case errors.As(err, &start):
		return err.Error(), "", exitUsage
	case errors.As(err, &ended):
		return "", "", int(ended)
	}
	return err.Error(), bugHint, exitInternal
}

// faultHint is the remedy for a fault of the wire, by its name in results.
func faultHint(fault string) string {
	switch {
	case fault == "dial:refused":
		return "nothing listens there: start the server, or correct the host and port"
	case strings.HasPrefix(fault, "dns:"):
		return "the name does not resolve: correct it, or try the address"
	case fault == "dial:unreachable" || fault == "dial:timeout":
		return "no way to the host: look at the network and at firewalls on the way"
	case fault == "dial:no-port" || fault == "dial:no-fd":
		return "this machine ran out of them: lower --concurrency, or keep connections alive"
	case fault == "tls:cert" || fault == "tls:hostname":
		return "trust the issuer with --ca FILE, or, for a test system only, accept anything with --insecure"
	case fault == "dial:proxy":
		return "the proxy does not let it through: correct --proxy, with user and password if it asks for them"
	case fault == "tls:protocol":
		return "the port speaks something else: check http or https and the port"
	case fault == "head:malformed":
		return "the port speaks something else, or breaks the rules of HTTP/1.1: check http or https and the port"
	case strings.HasSuffix(fault, ":timeout"):
		return "the target answers later than --timeout, or not at all"
	}
	return "try one request by itself: stoke check URL --send"
}

// report writes what explain says to w and returns the exit code.
func report(w io.Writer, err error) int {
	msg, hint, code := explain(err)
	if msg == "" {
		return code
	}
	var problems *profiles.Problems
	if errors.As(err, &problems) { // each line begins with its place, for editors
		fmt.Fprintln(w, msg)
		return code
	}
	fmt.Fprintf(w, "stoke: %s\n", msg)
	if hint != "" {
		fmt.Fprintf(w, "  %s\n", hint)
	}
	return code
}

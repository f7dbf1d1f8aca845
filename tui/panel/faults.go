package panel

import "strings"

// faultWord is what a fault of the wire is called on screen.
func faultWord(name string) string {
	phase, what, ok := strings.Cut(name, ":")
	if !ok {
		return name
	}
	switch phase {
	case "wait", "head", "body":
		switch what {
		case "eof", "short":
			return "cut off"
		case "timeout", "reset":
			return what
		}
		return "bad " + phase
	case "dial":
		switch what {
		case "refused", "unreachable":
			return what
		case "no-port", "no-fd":
			return what[3:] + "s used up here"
		}
		return "connect " + what
	case "dns":
		return "name " + what
	}
	return phase + " " + what
}

// faultMeaning says what happened, for somebody who does not know the wire.
func faultMeaning(name string) string {
	phase, what, _ := strings.Cut(name, ":")
	switch phase {
	case "dns":
		return "the name of the target was not resolved"
	case "dial":
		switch what {
		case "refused":
			return "nobody listens there, or its queue is full"
		case "no-port":
			return "this machine ran out of local ports: not the target's doing"
		case "no-fd":
			return "this machine ran out of file descriptors: ulimit -n"
		case "timeout":
			return "no connection came about in time"
		}
		return "no connection came about"
	case "tls":
		return "the encrypted connection failed"
	case "write":
		return "the connection broke while the request was sent"
	case "stale":
		return "a kept connection was closed by the target just then; not sent again"
	}
	when := map[string]string{"wait": "before its answer began", "head": "in the header of its answer", "body": "in the body of its answer"}[phase]
	switch {
	case when == "":
		return ""
	case what == "timeout":
		return "the timeout passed " + when
	case what == "reset", what == "eof", what == "short":
		return "the target closed the connection " + when
	case what == "too-large":
		return "more than this program takes " + when
	}
	return "not HTTP as it should be, " + when
}

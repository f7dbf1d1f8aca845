package experiment

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"stoke/engine/wire"
)

// Processes is a world with the truth server in another process, which Command
// starts; that process has to call [Serve] on its standard input and output.
type Processes struct {
	Command func() *exec.Cmd
	// Start starts the command; default its own Start. It is where a process
	// can be kept to some of the machine's processors.
	Start func(*exec.Cmd) error
	// Terminal opens a terminal for the process of a load, which then needs a
	// [Show]; nil where there is none.
	Terminal func() (*Terminal, error)
}

// Virtual implements World.
func (Processes) Virtual() bool { return false }

// demand is what the experiment asks of the server's process: the first opens
// it, each later one sets the fields that it is about.
type demand struct {
	Open  *Behaviour
	Begin int64 // wall clock of the run's start, nanoseconds
	Log   bool  // with all entries
	// Load, Hog and Watch make this another kind of process: one that makes a
	// load, and tells of it in words, one that keeps every CPU busy, or a witness.
	Load  *assignment
	Hog   bool
	Watch int64 // wall clock of the load's start, nanoseconds
}

// reply answers a demand.
type reply struct {
	Err   string
	URL   string
	PEM   []byte
	Tally Tally
	Log   []Entry
}

// Serve is the whole of a process that an experiment needs, until in ends: a
// truth server, a load, a program that keeps the CPUs busy, or a witness. A load
// on a terminal needs show, which may be nil otherwise.
func Serve(in io.Reader, out io.Writer, show Show) error {
	demands, replies := gob.NewDecoder(in), gob.NewEncoder(out)
	var s *Server
	defer func() {
		if s != nil {
			_ = s.Close() // the process ends with it
		}
	}()
	for {
		var d demand
		if err := demands.Decode(&d); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		var a reply
		switch {
		case d.Load != nil && s == nil:
			return drive(*d.Load, in, replies, show)
		case d.Hog && s == nil:
			return hog(in)
		case d.Watch != 0 && s == nil:
			return testify(time.Unix(0, d.Watch), in, replies)
		case d.Open != nil && s == nil:
			var err error
			if s, err = NewServer(*d.Open); err != nil {
				return errors.Join(err, replies.Encode(reply{Err: err.Error()}))
			}
			a.URL, a.PEM = s.URL(), s.pem
		case s == nil:
			return errors.New("the first demand has to open the server")
		case d.Begin != 0:
			// Both processes read the wall and the monotonic clock as one, a moment
			// apart: what passed on the one takes this process's clock back to it.
			now := time.Now()
			s.Begin(now.Add(-time.Duration(now.UnixNano() - d.Begin)))
		case d.Log:
			a.Log = s.Log()
		}
		a.Tally = s.Tally()
		if err := replies.Encode(a); err != nil {
			return err
		}
	}
}

// Open implements World.
func (w Processes) Open(b Behaviour) (Target, error) {
	c := &child{cmd: w.Command()}
	c.cmd.Stderr = os.Stderr
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	start := w.Start
	if start == nil {
		start = (*exec.Cmd).Start
	}
	if err := start(c.cmd); err != nil {
		return nil, fmt.Errorf("starting the truth server: %w", err)
	}
	c.in, c.demands, c.replies = in, gob.NewEncoder(in), gob.NewDecoder(out)
	a, err := c.ask(demand{Open: &b})
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	c.url, c.pem = a.URL, a.PEM
	return c, nil
}

// child is a truth server in another process. One goroutine uses it.
type child struct {
	cmd     *exec.Cmd
	in      io.Closer
	demands *gob.Encoder
	replies *gob.Decoder
	url     string
	pem     []byte
}

func (c *child) ask(d demand) (reply, error) {
	if err := c.demands.Encode(d); err != nil {
		return reply{}, fmt.Errorf("the truth server: %w", err)
	}
	var a reply
	if err := c.replies.Decode(&a); err != nil {
		return reply{}, fmt.Errorf("the truth server: %w", err)
	}
	if a.Err != "" {
		return reply{}, fmt.Errorf("the truth server: %s", a.Err)
	}
	return a, nil
}

func (c *child) URL() string               { return c.url }
func (c *child) Transport() wire.Transport { return nil }
func (c *child) Certificate() []byte       { return c.pem }

func (c *child) Begin(epoch time.Time) error {
	_, err := c.ask(demand{Begin: epoch.UnixNano()})
	return err
}

func (c *child) Tally() (Tally, error) {
	a, err := c.ask(demand{})
	return a.Tally, err
}

func (c *child) Log() ([]Entry, error) {
	a, err := c.ask(demand{Log: true})
	return a.Log, err
}

// Close ends the process and waits for it.
func (c *child) Close() error {
	return errors.Join(c.in.Close(), c.cmd.Wait())
}

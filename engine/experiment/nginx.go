package experiment

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"stoke/engine/wire"
)

// ErrMissing says that a program which an experiment drives is not there.
var ErrMissing = errors.New("missing program")

// findNginx looks where Debian puts it, too.
func findNginx() (string, error) {
	if path, err := exec.LookPath("nginx"); err == nil {
		return path, nil
	}
	const usual = "/usr/sbin/nginx"
	if _, err := os.Stat(usual); err == nil {
		return usual, nil
	}
	return "", fmt.Errorf("%w: nginx (apt-get install nginx-light)", ErrMissing)
}

// nginxConfig is a server with a limit of 100/s for all requests together.
// %[1]s is its address, %[2]s its directory, %[3]s what follows the zone.
const nginxConfig = `daemon off;
master_process off;
pid %[2]s/pid;
error_log %[2]s/error.log;
events { worker_connections 1024; }
http {
  log_format truth '$msec $status $http_x_seq $connection $request_length $bytes_sent';
  access_log %[2]s/access.log truth;
  client_body_temp_path %[2]s/body;
  proxy_temp_path %[2]s/proxy;
  fastcgi_temp_path %[2]s/fastcgi;
  uwsgi_temp_path %[2]s/uwsgi;
  scgi_temp_path %[2]s/scgi;
  keepalive_requests 1000000;
  limit_req_zone $server_name zone=all:1m rate=100r/s;
  limit_req_status 429;
  limit_req_log_level info;
  server {
    listen %[1]s;
    server_name truth;
    location / {
      limit_req zone=all%[3]s;
      add_header Retry-After 2 always;
      empty_gif;
    }
  }
}
`

// nginx is a real limiter as a target. Its log tells statuses instead of
// departures: 0 for what was refused.
type nginx struct {
	dir, addr string
	cmd       *exec.Cmd
	exited    chan error
	epoch     time.Time
	stopped   bool
}

// nginxes is a world of limiters; options follow the zone: " burst=20 nodelay".
type nginxes struct{ options string }

func (nginxes) Virtual() bool { return false }

func (n nginxes) Open(Behaviour) (Target, error) {
	path, err := findNginx()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "truth-nginx")
	if err != nil {
		return nil, err
	}
	addr, err := freeAddress()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	x := &nginx{dir: dir, addr: addr, exited: make(chan error, 1)}
	file := filepath.Join(dir, "nginx.conf")
	config := fmt.Sprintf(nginxConfig, addr, dir, n.options)
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	x.cmd = exec.Command(path, "-p", dir, "-e", filepath.Join(dir, "error.log"), "-c", file)
	if err := x.cmd.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	go func() { x.exited <- x.cmd.Wait() }()
	if err := x.awaitListening(); err != nil {
		return nil, errors.Join(err, x.Close())
	}
	return x, nil
}

// freeAddress is an address on loopback that nobody listens on: below the ports
// that connections get, one of which could take it before nginx does.
func freeAddress() (addr string, err error) {
	for range 20 {
		var l net.Listener
		if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(10_000))); err == nil {
			return l.Addr().String(), l.Close()
		}
	}
	return "", err
}

// awaitListening waits until nginx accepts connections.
func (x *nginx) awaitListening() error {
	for end := time.Now().Add(10 * time.Second); ; {
		c, err := net.Dial("tcp", x.addr)
		if err == nil {
			return c.Close()
		}
		select {
		case err := <-x.exited:
			x.exited <- err
			text, _ := os.ReadFile(filepath.Join(x.dir, "error.log")) // only to explain
			return fmt.Errorf("nginx ended: %w: %s", err, text)
		case <-time.After(10 * time.Millisecond):
			if time.Now().After(end) {
				return fmt.Errorf("nginx does not listen: %w", err)
			}
		}
	}
}

func (x *nginx) URL() string                 { return "http://" + x.addr }
func (x *nginx) Transport() wire.Transport   { return nil }
func (x *nginx) Certificate() []byte         { return nil }
func (x *nginx) Begin(epoch time.Time) error { x.epoch = epoch; return nil }
func (x *nginx) Tally() (Tally, error)       { return Tally{}, nil }

// stop lets nginx finish, so that its log is complete.
func (x *nginx) stop() error {
	if x.stopped {
		return nil
	}
	x.stopped = true
	if err := x.cmd.Process.Signal(syscall.SIGQUIT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-x.exited:
		return nil
	case <-time.After(10 * time.Second):
		return errors.Join(errors.New("nginx does not end"), x.cmd.Process.Kill())
	}
}

// Log ends the server and returns what it wrote down.
func (x *nginx) Log() ([]Entry, error) {
	if err := x.stop(); err != nil {
		return nil, err
	}
	file, err := os.Open(filepath.Join(x.dir, "access.log"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	began := float64(x.epoch.UnixNano()) / 1e9
	var log []Entry
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var at float64
		var status int
		e := Entry{}
		if _, err := fmt.Sscan(lines.Text(), &at, &status, &e.Seq, &e.Conn, &e.In, &e.Out); err != nil {
			continue // a connection without a request of ours
		}
		e.Arrival = int64((at - began) * 1e9)
		if status == 200 {
			e.Departure = e.Arrival
		}
		log = append(log, e)
	}
	slices.SortStableFunc(log, func(a, b Entry) int { return cmp.Compare(a.Arrival, b.Arrival) })
	return log, nil
}

func (x *nginx) Close() error { return errors.Join(x.stop(), os.RemoveAll(x.dir)) }

var (
	limitedIsOK = Mutant{
		Name: "refusals are answers", Bug: "what the limiter refused counts as a good answer, and a fast one",
		put: afterwards(func(_ func(), res *wire.Result) {
			if res.Status == 429 {
				res.Status = 200
			}
		}),
	}
	obeying = Mutant{
		Name: "refusals are retried", Bug: "what the limiter refused is sent again at once",
		put: afterwards(func(again func(), res *wire.Result) {
			if res.Status == 429 {
				again()
			}
		}),
	}
)

var limiter = &Experiment{
	ID: "T14", Title: "nginx limit_req at 100/s", Where: OnSockets,
	Proves:  "one line of nginx tells even, random and bursty arrivals apart; refusals are limited, and in no latency",
	Mutants: []Mutant{limitedIsOK, obeying, timedOnly(wrongArrivals)},
	run: func(l *Lab, r *Report) error {
		if _, err := findNginx(); err != nil {
			return err
		}
		length := l.pick(1500*time.Millisecond, 10*time.Second, 60*time.Second)
		legs := []struct {
			rate, arrivals, options string
			want                    float64 // accepted per second
		}{
			{"250", "uniform", "", 1000.0 / 12}, // every third
			{"250", "poisson", "", 250 / (1 + 250*0.0095)},
			{"250", "poisson", " burst=20 nodelay", 100 + 20/length.Seconds()},
			{"50", "uniform", "", 50},
			{"50", "poisson", "", 50 / (1 + 50*0.0095)},
			{"500", "uniform", "", 96.85}, // 93.7 to 100
			{"500", "poisson", "", 500 / (1 + 500*0.0095)},
			{"500", "poisson", " burst=20 nodelay", 100 + 20/length.Seconds()},
		}
		if l.Length == Quick {
			legs = legs[:3]
		}
		for i, leg := range legs {
			lab := *l
			lab.World = nginxes{leg.options}
			t, err := lab.try(r, plan{
				concurrency: 100, arrivals: leg.arrivals, seed: uint64(i + 1), phases: hold(leg.rate, length),
			})
			if err != nil {
				return err
			}
			t.sound(r)
			at := fmt.Sprintf("%s/s %s%s: ", leg.rate, leg.arrivals, leg.options)
			accepted := int64(0)
			for _, e := range t.log {
				if e.Departure > 0 {
					accepted++
				}
			}
			s := &t.last.View.Run
			r.count(at+"ok", s.OK, accepted, 0)
			r.count(at+"limited", s.Limited, int64(len(t.log))-accepted, 0)
			r.count(at+"latencies", s.Response.Count, accepted, 0)
			r.count(at+"with Retry-After", told(s), int64(len(t.log))-accepted, 0)
			// Three standard errors: between two that pass there are 9.5 ms and
			// an exponential gap, or for the thin load nearly a Poisson process.
			got, tolerance := float64(accepted)/length.Seconds(), 1.0
			switch {
			case leg.rate == "500" && leg.arrivals == "uniform":
				tolerance = 3.4
			case leg.arrivals == "poisson" && leg.options == "":
				gap := 0.0095 + (1/leg.want - 0.0095)
				tolerance += 3 * (1/leg.want - 0.0095) / math.Pow(gap, 1.5) / math.Sqrt(length.Seconds())
			}
			r.figure(at+"accepted per second", got, leg.want, tolerance).timed()
		}
		return nil
	},
}

//go:build unix

package wire

import (
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"stoke/engine/wire/wiretest"
)

// BenchmarkClosedLoop is 64 connections in a closed loop for 3 seconds against
// the server named by WIRE_TARGET, for a comparison of the processor time of a
// request with other tools at the same server. Without one it is the truth
// server, whose processor time is then in the figure.
func BenchmarkClosedLoop(b *testing.B) {
	target := os.Getenv("WIRE_TARGET")
	if target == "" {
		target = wiretest.NewServer(b, wiretest.Options{Keep: -1}).URL()
	}
	m := manner{portable: os.Getenv("WIRE_PORTABLE") != "" || !canFuse}
	tr := transport(b, m, Config{Target: target, Insecure: true})
	req := compile(b, tr, Spec{})
	var stop atomic.Bool
	var count atomic.Int64
	var wait sync.WaitGroup
	var warm sync.WaitGroup
	warm.Add(64)
	for range 64 {
		wait.Go(func() {
			c := tr.Conn(nil)
			defer c.Close()
			var res Result
			n := int64(0)
			for ; !stop.Load(); n++ {
				if n == 10 {
					warm.Done()
				}
				c.Do(req, n, &res)
				if res.Fault != None {
					b.Error(res.Fault, res.Detail)
					return
				}
			}
			count.Add(n)
		})
	}
	warm.Wait()
	before, start := processorTime(), time.Now()
	timer := time.NewTimer(3 * time.Second)
	<-timer.C
	stop.Store(true)
	used, took := processorTime()-before, time.Since(start)
	wait.Wait()
	n := float64(count.Load() - 640)
	b.ReportMetric(float64(used.Microseconds())/n, "cpu-µs/req")
	b.ReportMetric(n/took.Seconds(), "req/s")
	b.ReportMetric(float64(runtime.GOMAXPROCS(0)), "procs")
	b.ReportMetric(0, "ns/op")
}

// processorTime is what this process has used.
func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

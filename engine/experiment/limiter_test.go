package experiment

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	inferred "stoke/engine/limiter"
	"stoke/engine/measure"
)

// The limiter of a real nginx is told from eight seconds of what it refuses,
// in each of the ways in which it is used: without a burst, with one that is let
// in at once, and with one that is made to wait.
func TestLimiterOfNginx(t *testing.T) {
	ways := []struct {
		options, arrivals string
		kind              inferred.Kind
		burst             float64
	}{
		{"", "poisson", inferred.TokenBucket, 1},
		{" burst=20 nodelay", "poisson", inferred.TokenBucket, 21},
		{" burst=20", "poisson", inferred.LeakyBucket, 20},
		{" burst=20", "uniform", inferred.LeakyBucket, 20},
	}
	got := make([]*trial, len(ways))
	errs := make([]error, len(ways))
	var all sync.WaitGroup
	for i, w := range ways {
		all.Go(func() {
			lab := Lab{World: nginxes{w.options}, Untimed: true}
			phases := append(hold("150", 3*time.Second), hold("400", 5*time.Second)...)
			got[i], errs[i] = lab.try(&Report{}, plan{concurrency: 200, arrivals: w.arrivals, seed: uint64(i + 1), phases: phases})
		})
	}
	all.Wait()
	for i, w := range ways {
		t.Run(fmt.Sprintf("%s%s", w.arrivals, w.options), func(t *testing.T) {
			if errors.Is(errs[i], ErrMissing) {
				t.Skip(errs[i])
			}
			if errs[i] != nil {
				t.Fatal(errs[i])
			}
			o := inferred.NewObserver()
			for _, s := range got[i].samples {
				if s.Class == measure.OK || s.Class == measure.Limited {
					o.Add(0, s.T4, s.T8-s.T4, s.Class == measure.Limited)
				}
			}
			e := o.Estimate()
			t.Logf("%+v", e)
			if e.Kind != w.kind || math.Abs(e.Rate-100) > 5 || math.Abs(e.Burst-w.burst) > 1 {
				t.Errorf("%+v; want a %s of 100/s, burst %v", e, w.kind, w.burst)
			}
		})
	}
}

package engine

import (
	"stoke/engine/limiter"
	"stoke/engine/measure"
)

// limits looks at what a rate limiter lets through. The recorder's goroutine
// owns it.
type limits struct {
	observer *limiter.Observer
	refused  bool
	estimate *limiter.Estimate // of the newest second; nil before a refusal
}

// add looks at requests that ended.
func (l *limits) add(batch []measure.Sample) {
	for i := range batch {
		s := &batch[i]
		if s.Class > measure.Assert {
			continue
		}
		refused := s.Class == measure.Limited
		l.refused = l.refused || refused
		l.observer.Add(s.T4, s.T8-s.T4, refused)
	}
}

// second brings the estimate up to date.
func (l *limits) second() {
	if l.refused {
		e := l.observer.Estimate()
		l.estimate = &e
	}
}

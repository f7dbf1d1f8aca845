package measure

import "math/rand/v2"

// Compare tells how the response times of now differ from those of then, any
// two settings of a run, by the same block bootstrap as [View.Changes]. It takes
// some milliseconds and may run anywhere. Open and closed model are not
// comparable: nothing is valid then.
func Compare(then, now *Segment) (changes [NumPercentiles]Change, most Change) {
	if then == nil || now == nil || then.Setting.Model != now.Setting.Model {
		return changes, most
	}
	a, b := &then.Stats.Response, &now.Stats.Response
	steady := func(s *Segment) bool { return s.Verdict == Steady && !s.Invalid }
	judged := len(then.shape) >= minBlocks && len(now.shape) >= minBlocks && steady(then) && steady(now)
	var differ [statCount]bool
	if judged {
		differ = different(then, now)
	}
	set := func(i int, now, then int64, valid bool) Change {
		if !valid || then <= 0 {
			return Change{}
		}
		return Change{Percent: 100 * (float64(now)/float64(then) - 1), Valid: true, Judged: judged, Different: differ[i]}
	}
	for i := range changes {
		changes[i] = set(i, b.P[i], a.P[i], a.Enough[i] && b.Enough[i])
	}
	return changes, set(NumPercentiles, b.Max, a.Max, a.Count > 0 && b.Count > 0)
}

func different(then, now *Segment) [statCount]bool {
	rng := rand.New(rand.NewPCG(uint64(then.ID), uint64(now.ID)))
	base, draws := new([resamples]figures), new([resamples]figures)
	resample(then.shape, rng, base)
	resample(now.shape, rng, draws)
	return apart(base, draws)
}

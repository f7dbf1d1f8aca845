package engine

import "stoke/engine/measure"

// ResultSlow is one of the slowest requests, with the stages of its way in
// milliseconds: they add up to its response time.
type ResultSlow struct {
	Endpoint    string  `json:"endpoint"`
	At          float64 `json:"at"` // intended, in seconds since the start
	Response    float64 `json:"response"`
	PacerLag    float64 `json:"pacer_lag"`
	SlotWait    float64 `json:"slot_wait"`
	Connect     float64 `json:"connect"`
	DispatchLag float64 `json:"dispatch_lag"`
	Service     float64 `json:"service"`
	TTFB        float64 `json:"ttfb"` // of the service time, until the first byte; 0 if none came
	Outcome     string  `json:"outcome"`
	Status      int     `json:"status"`
	Error       string  `json:"error,omitempty"`
}

// slowestOf are the slowest requests of a run.
func slowestOf(list []measure.Slow) []ResultSlow {
	ms := func(from, to int64) float64 {
		if from == 0 || to == 0 {
			return 0
		}
		return float64(to-from) / 1e6
	}
	out := []ResultSlow{}
	for i := range list {
		s := &list[i]
		x := ResultSlow{
			Endpoint: s.Name, At: float64(s.T0) / 1e9, Response: float64(s.T8-s.T0) / 1e6,
			PacerLag: float64(s.T1-s.T0) / 1e6, SlotWait: float64(s.T2-s.T1) / 1e6,
			Connect: ms(s.T2, s.T3), DispatchLag: ms(s.T3, s.T4), Service: ms(s.T4, s.T8), TTFB: ms(s.T4, s.T6),
			Outcome: s.Class.String(), Status: int(s.Status), Error: s.Cause,
		}
		if s.T4 == 0 {
			x.Connect = float64(s.T8-s.T2) / 1e6 // it never left
		}
		out = append(out, x)
	}
	return out
}

package measure

// Ladder sums the values up as those of requests that have all ended. It costs
// some 10 µs: it is not for each request.
func (h *Histogram) Ladder() Ladder { return summarize([]*Histogram{h}, nil, 0) }

package measure

// Split tells the addresses of a target apart, by [Sample.Address]: one bad
// backend behind a name is lost in the figures of all. One goroutine owns it.
type Split struct{ parts []part }

// part is what one address did.
type part struct {
	counts  Counts
	service Histogram // of OK requests
}

// Part is what one address did over the whole run.
type Part struct {
	Address uint8 // as in the samples
	Counts  Counts
	Service Ladder // T8 − T4 of the requests that were OK
}

// Add counts requests that have ended. Those that were never sent because the
// operator or this machine did not let them are nobody's, like those without an
// address.
func (s *Split) Add(batch []Sample) {
	for i := range batch {
		x := &batch[i]
		if x.Address == 0 || x.Class > Error && x.Class < Cut {
			continue
		}
		for int(x.Address) > len(s.parts) {
			s.parts = append(s.parts, part{})
		}
		p := &s.parts[x.Address-1]
		p.counts.add(x)
		if x.Class == OK {
			p.service.Add(x.T8 - x.T4)
		}
	}
}

// Parts returns what was counted, by address, without those that did nothing.
// The slice is the caller's.
func (s *Split) Parts() []Part {
	var out []Part
	for i := range s.parts {
		p := &s.parts[i]
		if n := p.counts.ended(); n > 0 {
			p.counts.Intended = n
			out = append(out, Part{Address: uint8(i + 1), Counts: p.counts, Service: summarize([]*Histogram{&p.service}, nil, 0)})
		}
	}
	return out
}

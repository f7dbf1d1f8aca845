package measure

import "testing"

// TestSplit: each address has its own counts and times, a request without one
// is nobody's, and the parts make up the whole.
func TestSplit(t *testing.T) {
	var s Split
	sample := func(address uint8, class Class, service int64) Sample {
		return Sample{T4: 5, T8: 5 + service, Address: address, Class: class, Flags: Departed, In: 10}
	}
	for range 100 {
		s.Add([]Sample{sample(1, OK, 1e6), sample(3, OK, 9e6), sample(3, Error, 70e6), sample(0, Error, 0)})
	}
	s.Add([]Sample{sample(1, Limited, 1e6), sample(1, Superseded, 1e6), sample(3, Generator, 0)})
	parts := s.Parts()
	if len(parts) != 2 || parts[0].Address != 1 || parts[1].Address != 3 {
		t.Fatalf("parts: %+v", parts)
	}
	a, b := parts[0], parts[1]
	if a.Counts.Intended != 101 || a.Counts.OK != 100 || a.Counts.Limited != 1 || a.Counts.Sent != 101 || a.Counts.BytesIn != 1010 || a.Counts.Error != 0 {
		t.Errorf("the first: %+v", a.Counts)
	}
	if b.Counts.Intended != 200 || b.Counts.OK != 100 || b.Counts.Error != 100 {
		t.Errorf("the third: %+v", b.Counts)
	}
	if a.Service.Count != 100 || a.Service.Max != 1e6 || b.Service.Max != 9e6 {
		t.Errorf("service times: %+v, %+v", a.Service, b.Service)
	}
}

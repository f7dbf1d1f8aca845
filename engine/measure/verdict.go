package measure

// judge follows the steadiness of a segment second by second.
type judge struct {
	verdict Verdict
	detail  string
	slope   float64
}

func (st *segment) firstLevel(Gauge)                   {}
func (st *segment) overrule(*Segment)                  {}
func (st *segment) secondClosed(int64, Row, *Recorder) {}

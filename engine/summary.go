package engine

// Result is the result of a run for machines, schema version 1.
type Result struct{}

// Result sums the run up; before Done it is a result so far.
func (r *Run) Result() *Result { panic("not written") }

// JSON is the result as indented JSON with a final newline.
func (r *Result) JSON() ([]byte, error) { panic("not written") }

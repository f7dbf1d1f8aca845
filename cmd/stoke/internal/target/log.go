package target

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"
	"sync"
	"time"
)

// entry is one request in the log. Times are Unix nanoseconds.
type entry struct {
	seq                string
	conn               int64
	arrival, departure int64
	status             int
}

// journal writes entries as lines of JSON without making a handler wait for
// the disk: they are gathered in memory and written by one goroutine, twenty
// times a second. It keeps everything, so that lines and counts agree; with a
// disk that is slower than the load it grows.
type journal struct {
	mu      sync.Mutex
	pending []entry

	stop chan struct{}
	done chan error
}

func newJournal(w io.Writer) *journal {
	j := &journal{stop: make(chan struct{}), done: make(chan error, 1)}
	go j.write(w)
	return j
}

func (j *journal) add(e entry) {
	j.mu.Lock()
	j.pending = append(j.pending, e)
	j.mu.Unlock()
}

// close writes what is left and returns the first error of any write.
func (j *journal) close() error {
	close(j.stop)
	return <-j.done
}

func (j *journal) write(w io.Writer) {
	out := bufio.NewWriterSize(w, 64<<10)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var batch []entry
	var line []byte
	for last := false; !last; {
		select {
		case <-tick.C:
		case <-j.stop:
			last = true
		}
		j.mu.Lock()
		batch, j.pending = j.pending, batch[:0]
		j.mu.Unlock()
		for i := range batch {
			line = batch[i].appendJSON(line[:0])
			out.Write(line) // a bufio.Writer keeps its first error for Flush
			batch[i].seq = ""
		}
		out.Flush()
	}
	j.done <- out.Flush()
}

// appendJSON appends the line; a missing sequence header is an empty string.
func (e *entry) appendJSON(b []byte) []byte {
	b = append(b, `{"seq":`...)
	b = appendString(b, e.seq)
	b = append(b, `,"conn":`...)
	b = strconv.AppendInt(b, e.conn, 10)
	b = append(b, `,"arrival":`...)
	b = strconv.AppendInt(b, e.arrival, 10)
	b = append(b, `,"departure":`...)
	b = strconv.AppendInt(b, e.departure, 10)
	b = append(b, `,"status":`...)
	b = strconv.AppendInt(b, int64(e.status), 10)
	return append(b, '}', '\n')
}

// appendString appends s as a JSON string; plain digits and letters, the usual
// case, go without the encoder.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, err := json.Marshal(s)
			if err != nil { // not for a string: invalid UTF-8 is replaced
				return append(b, `""`...)
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

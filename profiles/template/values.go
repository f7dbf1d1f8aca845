package template

import (
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"time"
)

// Set numbers the placeholders of one scenario. The zero Set is empty. Once it
// is filled it may be read by any number of goroutines.
type Set struct {
	refs   []Ref
	keys   []uint64 // by number: what tells the chance of a placeholder from that of others
	number map[string]int
}

// Add returns the number of a placeholder, from 0. Placeholders with the same
// text have the same number.
func (s *Set) Add(r *Ref) int {
	if n, ok := s.number[r.Text]; ok {
		return n
	}
	if s.number == nil {
		s.number = make(map[string]int)
	}
	n := len(s.refs)
	s.number[r.Text] = n
	s.refs = append(s.refs, *r)
	s.keys = append(s.keys, chance(r))
	return n
}

// Refs are the placeholders by number; not to be changed.
func (s *Set) Refs() []Ref { return s.refs }

// chance is the share that the text of a placeholder has in what is drawn for
// it. All that is asked of one made-up person has the same.
func chance(r *Ref) uint64 {
	text := r.Text
	if r.Kind == Fake {
		text = "fake"
		for _, w := range r.Words {
			text += " " + w
		}
	}
	h := fnv.New64a()
	h.Write([]byte(text))
	return h.Sum64()
}

// Source gives values that this package does not make itself.
type Source interface {
	// Value appends the value of a Column, Capture, Header, Env or File to dst.
	// It reports false if there is none.
	Value(dst []byte, r *Ref) ([]byte, bool)
}

// Values is what the placeholders of a set stand for in one start. It is used
// by one goroutine at a time and used again for other starts. The zero Values
// is ready for Begin; it is not to be copied after that.
type Values struct {
	set   *Set
	seq   int64
	start uint64 // what seed and seq make together
	spans []span // by number, into buf
	buf   []byte
	pcg   rand.PCG
}

// span is where the value of a placeholder is; to is negative until it has
// been drawn.
type span struct{ from, to int }

// Begin forgets the values of the start before. Everything random follows from
// seed and seq alone, so a run can be repeated; starts of different scenarios
// of a run need different numbers, or their values are the same.
func (v *Values) Begin(set *Set, seed uint64, seq int64) {
	v.set, v.seq, v.start = set, seq, mix(mix(seed)+uint64(seq))
	v.buf, v.spans = v.buf[:0], v.spans[:0]
	for range set.refs {
		v.spans = append(v.spans, span{to: -1})
	}
}

// mix spreads neighbouring numbers over all 64 bits: the last steps of
// SplitMix64 (Steele, Lea and Flood, 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Append appends the value of placeholder n, escaped. It reports false if the
// source has no value for it; it is asked again at the next use then. rng and
// clock effects stay inside.
func (v *Values) Append(dst []byte, n int, e Escape, from Source) ([]byte, bool) {
	if n < 0 || n >= len(v.spans) {
		return dst, false
	}
	r := &v.set.refs[n]
	if r.Kind == Now {
		return appendNow(dst, r.Arg, e), true
	}
	s := &v.spans[n]
	if s.to < 0 {
		was := len(v.buf)
		buf, ok := v.draw(v.buf, n, from)
		if !ok {
			return dst, false
		}
		v.buf = buf
		*s = span{was, len(buf)}
	}
	return appendEscaped(dst, v.buf[s.from:s.to], e), true
}

// Forget drops the value of placeholder n, which is drawn again at its next
// use: a capture that was written anew. What this package makes itself comes
// out the same again.
func (v *Values) Forget(n int) {
	if n < 0 || n >= len(v.spans) || v.spans[n].to < 0 {
		return
	}
	// The room is closed at once, so a start that polls for days keeps its size.
	gone := v.spans[n]
	v.spans[n].to = -1
	v.buf = append(v.buf[:gone.from], v.buf[gone.to:]...)
	for i := range v.spans {
		if s := &v.spans[i]; s.to >= 0 && s.from >= gone.to {
			s.from -= gone.to - gone.from
			s.to -= gone.to - gone.from
		}
	}
}

// draw appends the value of placeholder n.
func (v *Values) draw(dst []byte, n int, from Source) ([]byte, bool) {
	r := &v.set.refs[n]
	switch r.Kind {
	case Seq:
		return strconv.AppendInt(dst, v.seq, 10), true
	case UUID, RandInt, Pick, Fake:
	default:
		if from == nil {
			return dst, false
		}
		return from.Value(dst, r)
	}
	// Each has a stream of its own, so the order of use changes nothing.
	v.pcg.Seed(v.start, v.set.keys[n])
	rng := rand.New(&v.pcg)
	switch r.Kind {
	case UUID:
		return appendUUID(dst, rng), true
	case RandInt:
		return strconv.AppendInt(dst, between(rng, r.From, r.To), 10), true
	case Pick:
		return append(dst, r.Words[rng.IntN(len(r.Words))]...), true
	}
	return appendFake(dst, r.Arg, rng, v.seq), true
}

// between draws a number from from to to, both included, which may be all
// there are.
func between(rng *rand.Rand, from, to int64) int64 {
	span := uint64(to) - uint64(from) // exact even if the difference is no int64
	if span+1 == 0 {
		return int64(rng.Uint64())
	}
	return int64(uint64(from) + rng.Uint64N(span+1))
}

// appendUUID writes a UUID of version 4; RFC 9562, section 5.4.
func appendUUID(dst []byte, rng *rand.Rand) []byte {
	var u [16]byte
	binary.BigEndian.PutUint64(u[:8], rng.Uint64())
	binary.BigEndian.PutUint64(u[8:], rng.Uint64())
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	dst = hex.AppendEncode(dst, u[:4])
	for i := 4; i < 10; i += 2 {
		dst = hex.AppendEncode(append(dst, '-'), u[i:i+2])
	}
	return hex.AppendEncode(append(dst, '-'), u[10:])
}

// appendNow writes the time in the way asked for.
func appendNow(dst []byte, way string, e Escape) []byte {
	now := time.Now()
	var room [32]byte
	text := room[:0]
	switch way {
	case unix:
		text = strconv.AppendInt(text, now.Unix(), 10)
	case unixms:
		text = strconv.AppendInt(text, now.UnixMilli(), 10)
	default:
		text = now.UTC().AppendFormat(text, "2006-01-02T15:04:05.000Z")
	}
	return appendEscaped(dst, text, e)
}

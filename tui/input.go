package tui

import (
	"time"
	"unicode/utf8"
)

const (
	// escAlone is how long an ESC waits for the rest of a sequence before it
	// counts as the key.
	escAlone = 50 * time.Millisecond
	// escOwed is the same while the terminal owes a reply, which begins with
	// an ESC too.
	escOwed = time.Second
	// halfSequence is how long an incomplete sequence, or the memory of an ESC
	// that was given out as a key, is kept.
	halfSequence = 2 * time.Second

	maxSequence = 128
	maxPaste    = 4096
)

const (
	byteCtrlC = 0x03
	byteBEL   = 0x07
	byteCAN   = 0x18
	byteSUB   = 0x1a
	byteESC   = 0x1b
)

// escKey is the unambiguous form of the escape key in the kitty protocol.
const escKey = "\x1b[27u"

// token is one complete input: a key, a reply, or a paste.
type token struct {
	bytes string
	paste bool
	at    time.Time // when its last byte came
}

// lexState says what the lexer is in the middle of.
type lexState uint8

const (
	lexGround lexState = iota
	lexRune            // a character of several bytes
	lexEsc             // ESC came
	lexAfter           // ESC came and was given out as a key
	lexCSI
	lexLinux // ESC [ [: a function key of the Linux console
	lexSS3
	lexString    // OSC, DCS, APC, PM, SOS: up to BEL or ST
	lexStringEsc // an ESC inside of such a string
	lexPaste
)

// lexer cuts the bytes of a terminal into tokens. It exists because replies
// arrive in pieces over a slow line: a piece must never be taken for a key.
// It holds a sequence back until it is complete and drops what never
// completes; only ctrl+c gets through in the middle of one. It has no clock.
type lexer struct {
	state lexState
	buf   []byte
	last  time.Time // of the last byte
}

// feed takes bytes that came at now and appends complete tokens to out.
func (x *lexer) feed(out []token, p []byte, now time.Time) []token {
	for _, b := range p {
		out = x.step(out, b, now)
		x.last = now
	}
	return out
}

// deadline returns when expire must be called if no byte comes before.
func (x *lexer) deadline(owed bool) (time.Time, bool) {
	switch x.state {
	case lexGround:
		return time.Time{}, false
	case lexEsc:
		if owed {
			return x.last.Add(escOwed), true
		}
		return x.last.Add(escAlone), true
	default:
		return x.last.Add(halfSequence), true
	}
}

// expire ends what was begun and not completed in time.
func (x *lexer) expire(out []token, now time.Time) []token {
	switch x.state {
	case lexEsc:
		out = append(out, token{bytes: escKey, at: x.last})
		x.state, x.last = lexAfter, now
	default:
		x.reset()
	}
	return out
}

func (x *lexer) reset() { x.state, x.buf = lexGround, x.buf[:0] }

// emit gives out the buffered sequence.
func (x *lexer) emit(out []token, now time.Time) []token {
	if len(x.buf) <= maxSequence {
		out = append(out, token{bytes: string(x.buf), at: now})
	}
	x.reset()
	return out
}

func (x *lexer) push(b byte) {
	if len(x.buf) <= maxSequence { // one more than allowed marks it as too long
		x.buf = append(x.buf, b)
	}
}

func (x *lexer) step(out []token, b byte, now time.Time) []token {
	// The key that stops the load is never part of anything else.
	if b == byteCtrlC && x.state != lexPaste {
		if x.state == lexEsc {
			out = append(out, token{bytes: escKey, at: now})
		}
		x.reset()
		return append(out, token{bytes: string(rune(b)), at: now})
	}
	switch x.state {
	case lexGround:
		return x.ground(out, b, now)
	case lexRune:
		if utf8.RuneStart(b) {
			x.reset()
			return x.ground(out, b, now)
		}
		x.push(b)
		if utf8.FullRune(x.buf) {
			if r, _ := utf8.DecodeRune(x.buf); r == utf8.RuneError {
				x.reset()
				return out
			}
			return x.emit(out, now)
		}
	case lexEsc, lexAfter:
		return x.afterEsc(out, b, now)
	case lexCSI:
		return x.csi(out, b, now)
	case lexLinux:
		x.push(b)
		return x.emit(out, now)
	case lexSS3:
		x.push(b)
		if b < '0' || b > '9' {
			return x.emit(out, now)
		}
	case lexString:
		switch b {
		case byteBEL:
			x.push(b)
			return x.emit(out, now)
		case byteCAN, byteSUB:
			x.reset()
		case byteESC:
			x.state = lexStringEsc
		default:
			x.push(b)
		}
	case lexStringEsc:
		if b == '\\' {
			x.push(byteESC)
			x.push(b)
			return x.emit(out, now)
		}
		// Cut short by the beginning of another sequence.
		x.reset()
		x.state = lexEsc
		return x.afterEsc(out, b, now)
	case lexPaste:
		return x.paste(out, b, now)
	}
	return out
}

func (x *lexer) ground(out []token, b byte, now time.Time) []token {
	switch {
	case b == byteESC:
		x.state = lexEsc
	case b < utf8.RuneSelf:
		out = append(out, token{bytes: string(rune(b)), at: now})
	case b >= 0x80 && b < 0xa0: // an 8-bit control is ESC and b−0x40
		x.state = lexEsc
		return x.afterEsc(out, b-0x40, now)
	case utf8.RuneStart(b):
		x.state = lexRune
		x.push(b)
	}
	return out
}

func (x *lexer) afterEsc(out []token, b byte, now time.Time) []token {
	given := x.state == lexAfter
	begin := func(s lexState) []token {
		x.reset()
		x.state = s
		x.push(byteESC)
		x.push(b)
		return out
	}
	switch b {
	case '[':
		return begin(lexCSI)
	case 'O':
		return begin(lexSS3)
	case ']', 'P', '_', '^', 'X':
		return begin(lexString)
	case byteESC:
		if !given {
			out = append(out, token{bytes: escKey, at: now})
		}
		x.reset()
		x.state = lexEsc
		return out
	}
	x.reset()
	if given {
		return x.ground(out, b, now)
	}
	if b < 0x20 || b >= utf8.RuneSelf {
		out = append(out, token{bytes: escKey, at: now})
		return x.ground(out, b, now)
	}
	return append(out, token{bytes: string([]byte{byteESC, b}), at: now}) // alt and a key
}

func (x *lexer) csi(out []token, b byte, now time.Time) []token {
	switch {
	case b == byteESC:
		x.reset()
		x.state = lexEsc
	case b < 0x20 || b >= 0x7f:
		x.reset()
		return x.ground(out, b, now)
	case b == '[' && len(x.buf) == 2:
		x.push(b)
		x.state = lexLinux
	case b >= 0x40:
		x.push(b)
		if string(x.buf) == "\x1b[200~" {
			x.reset()
			x.state = lexPaste
			return out
		}
		return x.emit(out, now)
	default:
		x.push(b)
	}
	return out
}

const pasteEnd = "\x1b[201~"

// paste collects up to the end mark. Controls but line ends and tabs are
// left out, and what is longer than a command line could be is cut.
func (x *lexer) paste(out []token, b byte, now time.Time) []token {
	x.buf = append(x.buf, b)
	if n := len(x.buf) - len(pasteEnd); n >= 0 && string(x.buf[n:]) == pasteEnd {
		text := make([]rune, 0, n)
		for _, r := range string(x.buf[:n]) {
			if r == '\n' || r == '\t' || r >= 0x20 && r != 0x7f && r != utf8.RuneError {
				text = append(text, r)
			}
		}
		x.reset()
		return append(out, token{bytes: string(text), paste: true, at: now})
	}
	if len(x.buf) > maxPaste+len(pasteEnd) {
		x.buf = append(x.buf[:maxPaste], x.buf[len(x.buf)-len(pasteEnd):]...)
	}
	return out
}

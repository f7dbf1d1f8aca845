package panel

import (
	"strings"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui/canvas"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// ConnectionsHeight is the rows of the box for all that there is to say.
func ConnectionsHeight(s *engine.Snapshot) int {
	h := 2 + len(connectionRows(s))
	if n := len(s.Wire.Addresses); n > 0 {
		h += 1 + n
	}
	return h
}

// ConnectionsLeast is the least rows of the box.
const ConnectionsLeast = 4

// Connections draws what is spoken and on how many connections, and, for a
// target of several addresses, what each of them did: one bad one is lost in
// the figures of all.
func Connections(r canvas.Region, s *engine.Snapshot) {
	in := r.Box("CONNECTIONS", canvas.Fit(r.W-18, "of the whole run"))
	y := 0
	for _, row := range connectionRows(s) {
		x := 2
		if row[0] != "" {
			in.Text(x, y, theme.Dim, row[0])
			x = 13
		}
		in.Text(x, y, theme.Text, canvas.Shorten(row[1], in.W-x-1))
		y++
	}
	if len(s.Wire.Addresses) == 0 {
		return
	}
	t := newTable(in.W,
		column{head: "address", w: 15, left: true, flex: true},
		column{head: "done", w: 7, rank: 1},
		column{head: "failed", w: 6},
		column{head: "p50", w: 7},
	)
	t.heads(in, y)
	for i := range s.Wire.Addresses {
		a := &s.Wire.Addresses[i]
		if y++; y >= in.H {
			return
		}
		t.put(in, 0, y, theme.Text, canvas.Shorten(a.Address, t.w[0]))
		t.put(in, 1, y, theme.Text, units.CountIn(a.Counts.Done(), 7))
		t.put(in, 2, y, alarm(a.Counts.Failed()), units.CountIn(a.Counts.Failed(), 6))
		t.cell(in, 3, y, cellOf(&a.Service, measure.P50, 0, false, theme.Text), false)
	}
}

// connectionRows are names and values; the cipher suite needs the room of both.
func connectionRows(s *engine.Snapshot) [][2]string {
	n := &s.View.Run.Counts
	spoken, cipher, secure := cutCipher(s.Protocol)
	rows := [][2]string{{"protocol", spoken}}
	if secure {
		rows = append(rows, [2]string{"", cipher},
			[2]string{"handshakes", units.Count(s.Wire.Full) + " full, " + units.Count(s.Wire.Resumed) + " resumed"})
	}
	return append(rows, [2]string{"opened", units.Count(n.Opened) + "; reused " + units.Count(n.Reused) + " times"})
}

// cutCipher takes a protocol apart: "HTTP/1.1, TLS 1.3" and the cipher suite.
func cutCipher(protocol string) (spoken, cipher string, secure bool) {
	at := strings.LastIndexByte(protocol, ' ')
	if !strings.Contains(protocol, ", TLS ") {
		return protocol, "", false
	}
	return protocol[:at], strings.TrimPrefix(protocol[at+1:], "TLS_"), true
}

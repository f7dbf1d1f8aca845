package opening

import (
	"strconv"

	"stoke/tui/canvas"
	"stoke/tui/theme"
)

var headings = [...]string{Saved: "YOUR PROFILES", URL: "ANY ADDRESS", Demo: "NOTHING SET UP YET?", Example: "EXAMPLES"}

// Frame draws the screen: h lines of at most w cells.
func (l *List) Frame(w, h int, t *theme.Theme, ascii bool) string {
	w, h = max(w, 1), max(h, 1)
	c := canvas.New(w, h)
	all := c.All()
	top := all.Text(1, 0, theme.Title, canvas.Fit(w-1, "stoke   what do you want to drive?", "stoke"))
	if note := "nothing is sent yet"; top+len(note)+2 < w {
		all.Right(w-1, 0, theme.Dim, note)
	}
	body := all.Sub(0, 1, w, max(0, h-2))
	details := 0
	if h >= 16 && w >= 30 {
		details = min(9, max(5, h/3))
	}
	l.list(body.Sub(0, 0, w, body.H-details))
	if details > 0 {
		l.details(body.Sub(0, body.H-details, w, details))
	}
	if h > 1 {
		l.keys(all.Sub(0, h-1, w, 1), details == 0)
	}
	return c.String(t, ascii)
}

// row is a line of the list: an entry, or a heading if entry is -1.
type row struct {
	entry int
	text  string
}

func (l *List) rows() (rows []row, at int) {
	for i, e := range l.entries {
		if i == 0 || l.entries[i-1].Kind != e.Kind {
			if i > 0 {
				rows = append(rows, row{entry: -1})
			}
			rows = append(rows, row{-1, headings[e.Kind]})
		}
		if i == l.at {
			at = len(rows)
		}
		rows = append(rows, row{entry: i})
	}
	return rows, at
}

func (l *List) list(r canvas.Region) {
	in := r
	if r.W >= 30 && r.H >= 5 {
		in = r.Box("")
	}
	switch {
	case l.loading:
		in.Text(1, 0, theme.Wait, canvas.Fit(in.W-1, "looking for your profiles …", "…"))
		return
	case l.failed != "":
		in.Text(1, 0, theme.Warn, canvas.Clip(l.failed, in.W-2))
		in = in.Sub(0, 1, in.W, in.H-1)
	}
	rows, at := l.rows()
	from := max(0, min(at-in.H/2, len(rows)-in.H))
	if at > 0 && at < in.H {
		from = 0 // the first heading stays as long as it can
	}
	name := 12
	for _, e := range l.entries {
		name = max(name, canvas.Width(e.Name))
	}
	name = min(name, max(8, in.W/3))
	for y := 0; y < in.H && from+y < len(rows); y++ {
		row := rows[from+y]
		if row.entry < 0 {
			in.Text(1, y, theme.Dim, canvas.Fit(in.W-1, row.text))
			continue
		}
		l.entry(in, y, row.entry, name)
	}
	if n := len(rows) - from - in.H; n > 0 && r.H > in.H {
		r.Foot(theme.Dim, "↓ "+strconv.Itoa(n)+" more")
	}
}

func (l *List) entry(in canvas.Region, y, i, name int) {
	e := &l.entries[i]
	role := theme.Text
	if i == l.at {
		role = theme.Chosen
		in.Text(1, y, theme.Key, ">")
	}
	in.Text(3, y, role, canvas.Shorten(e.Name, min(name, in.W-3)))
	x := 3 + name + 2
	if x >= in.W-8 {
		return
	}
	about, words := e.About, theme.Dim
	if e.Problem != "" {
		about, words = "cannot be used: "+e.Problem, theme.Warn
	}
	in.Text(x, y, words, canvas.Clip(firstLine(about), in.W-x-1))
}

func firstLine(s string) string {
	for i, r := range s {
		if r == '\n' {
			return s[:i]
		}
	}
	return s
}

// details says more about the entry under the cursor, or is the form.
func (l *List) details(r canvas.Region) {
	if l.typing {
		in := r.Box("ADDRESS", "requests are sent to it with GET")
		l.form(in.Sub(1, 0, in.W-2, 1))
		for i, line := range canvas.Wrap(l.wrong, in.W-3) {
			in.Text(1, 1+i, theme.Warn, line)
		}
		if l.wrong == "" {
			in.Text(1, 1, theme.Dim, canvas.Fit(in.W-2, "as in http://127.0.0.1:8080/products; enter goes on, esc goes back", "enter goes on, esc back"))
		}
		return
	}
	if len(l.entries) == 0 {
		r.Box("")
		return
	}
	e := &l.entries[l.at]
	in := r.Box(canvas.Shorten(e.Name, r.W-6))
	y := 0
	put := func(role theme.Role, text string) {
		for _, line := range canvas.Wrap(text, in.W-3) {
			in.Text(1, y, role, line)
			y++
		}
	}
	if e.Problem != "" {
		for rest := e.Problem; rest != ""; {
			line := firstLine(rest)
			put(theme.Warn, line)
			rest = rest[min(len(rest), len(line)+1):]
		}
		return
	}
	for _, line := range e.Details {
		put(theme.Text, line)
	}
}

// form draws the address being typed, with what is around the cursor in sight.
func (l *List) form(r canvas.Region) {
	from := 0
	for from < l.cursor && canvas.Width(string(l.text[from:l.cursor]))+1 > r.W {
		from++
	}
	x := r.Text(0, 0, theme.Input, string(l.text[from:l.cursor]))
	if l.cursor < len(l.text) {
		r.Text(r.Text(x, 0, theme.Cursor, string(l.text[l.cursor:l.cursor+1])), 0, theme.Input, string(l.text[l.cursor+1:]))
		return
	}
	r.Rune(x, 0, theme.Cursor, ' ')
}

// keys is the last line; where there is no box for the form, it is the form.
func (l *List) keys(r canvas.Region, form bool) {
	if l.typing && form {
		if l.wrong != "" {
			r.Text(0, 0, theme.Warn, canvas.Clip(l.wrong, r.W))
			return
		}
		l.form(r)
		return
	}
	hints := [][2]string{{"↑ ↓", "choose"}, {"enter", "open"}, {"q", "leave"}}
	if l.typing {
		hints = [][2]string{{"enter", "open"}, {"esc", "back"}}
	}
	x := 1
	for _, k := range hints {
		if x+canvas.Width(k[0])+1+canvas.Width(k[1]) > r.W {
			return
		}
		x = r.Text(r.Text(x, 0, theme.Key, k[0])+1, 0, theme.Dim, k[1]) + 3
	}
}

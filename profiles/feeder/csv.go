package feeder

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// byteOrderMark is what some programs write before UTF-8.
const byteOrderMark = "\ufeff"

// readCSV reads a header line and rows.
func (t *Table) readCSV(r io.Reader, maxValues int) error {
	in := bufio.NewReaderSize(r, 64<<10)
	if start, _ := in.Peek(len(byteOrderMark)); string(start) == byteOrderMark {
		if _, err := in.Discard(len(byteOrderMark)); err != nil {
			return err
		}
	}
	start, _ := in.Peek(in.Size())
	if err := noCSV(start); err != nil {
		return err
	}
	c := csv.NewReader(in)
	c.ReuseRecord = true
	header, err := c.Read()
	if err == io.EOF {
		return &Error{Msg: "the file is empty", Hint: "write a header line with the names of the columns, and a line for each row"}
	}
	if err != nil {
		return csvError(err, 0, 0)
	}
	line, _ := c.FieldPos(0)
	if err := t.header(header, line); err != nil {
		return err
	}

	var text strings.Builder
	for {
		row, err := c.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return csvError(err, len(row), len(t.Columns))
		}
		for i, v := range row {
			if !utf8.ValidString(v) {
				line, _ := c.FieldPos(i)
				return notUTF8(line)
			}
			text.WriteString(v)
			t.ends = append(t.ends, uint32(text.Len()))
		}
		t.rows++
		if len(t.ends) > maxValues {
			line, _ := c.FieldPos(0)
			return tooMany(line, maxValues)
		}
	}
	if t.rows == 0 {
		return &Error{Msg: "a header line, but no rows", Hint: "write a line for each row behind it"}
	}
	t.text = text.String()
	return nil
}

// noCSV says what a file is that begins like no CSV file, so that nobody looks
// for a missing quote in a picture.
func noCSV(start []byte) error {
	first := bytes.TrimLeft(start, " \t\r\n")
	switch {
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")): // UTF-16
		return notUTF8(1)
	case bytes.IndexByte(start, 0) >= 0:
		return &Error{Msg: "this is no text", Hint: "name a CSV file with a header line, or NDJSON"}
	case bytes.HasPrefix(first, []byte(`{"`)):
		return &Error{Line: 1, Msg: "this is JSON, not CSV", Hint: "write one object a line, and let the name end in .ndjson"}
	case bytes.HasPrefix(first, []byte("[")) && bytes.HasPrefix(bytes.TrimLeft(first[1:], " \t\r\n"), []byte("{")):
		return &Error{Line: 1, Msg: "this is a JSON list, not CSV", Hint: "write one object a line: jq -c '.[]' list.json > list.ndjson"}
	}
	return nil
}

// header takes the names of the columns.
func (t *Table) header(names []string, line int) error {
	for i, name := range names {
		name = strings.Clone(strings.TrimSpace(name))
		switch {
		case !utf8.ValidString(name):
			return notUTF8(line)
		case name == "":
			return &Error{line, fmt.Sprintf("column %d has no name", i+1), "the first line names the columns"}
		case slices.Contains(t.Columns, name):
			return &Error{line, "two columns are called " + strconv.Quote(name), "give each a name of its own"}
		}
		t.Columns = append(t.Columns, name)
	}
	if len(names) == 1 && strings.ContainsAny(names[0], ";\t") {
		return &Error{line, "one column called " + strconv.Quote(t.Columns[0]), "separate the columns with commas"}
	}
	return nil
}

// csvError says in our words what is wrong with a line of got values, where
// want belong.
func csvError(err error, got, want int) error {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return err
	}
	e := &Error{Line: p.Line, Msg: p.Err.Error()}
	switch p.Err {
	case csv.ErrFieldCount:
		e.Line = p.StartLine
		e.Msg = fmt.Sprintf("%d values, the header line has %d", got, want)
		e.Hint = "put a value that holds a comma in quotes"
		if got < want {
			e.Hint = "write the comma of an empty value too"
		}
	case csv.ErrQuote:
		e.Line = p.StartLine
		e.Msg = "a quoted value does not end as it should"
		e.Hint = `a quote within quotes is written twice: "a ""b"" c"`
	case csv.ErrBareQuote:
		e.Msg = "a quote within a value that is not quoted"
		e.Hint = `put the whole value in quotes, the quote in it twice: "a ""b"" c"`
	}
	return e
}

package feeder

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/tidwall/gjson"
)

// maxDepth is how deep objects may be nested.
const maxDepth = 32

// readNDJSON goes over the lines twice: for the columns, then for the values.
func (t *Table) readNDJSON(r io.Reader, maxValues int) error {
	file, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	file = bytes.TrimPrefix(file, []byte(byteOrderMark))
	columns := make(map[string]int)
	var lastIn []int // by column: the line that had it last
	err = eachLine(file, func(line int, text []byte) *Error {
		if err := checkLine(line, text); err != nil {
			return err
		}
		t.rows++
		return flatten(line, text, func(column []byte, _ gjson.Result) *Error {
			n, ok := columns[string(column)]
			switch {
			case !ok:
				columns[string(column)] = len(t.Columns)
				t.Columns = append(t.Columns, string(column))
				lastIn = append(lastIn, line)
			case lastIn[n] == line:
				return &Error{line, "the key " + strconv.Quote(string(column)) + " is there twice", "the keys of nested objects are joined with dots"}
			default:
				lastIn[n] = line
			}
			if len(t.Columns) > maxValues/t.rows {
				return tooMany(line, maxValues)
			}
			return nil
		})
	})
	switch {
	case err != nil:
		return err
	case t.rows == 0:
		return &Error{Msg: "the file is empty", Hint: "write one JSON object a line"}
	case len(t.Columns) == 0:
		return &Error{Msg: "no object has a key", Hint: `write one JSON object a line: {"id": 1}`}
	case len(t.Columns) > maxValues/t.rows:
		return tooMany(0, maxValues)
	}

	var text strings.Builder
	t.ends = make([]uint32, 0, t.rows*len(t.Columns))
	row := make([]string, len(t.Columns))
	err = eachLine(file, func(line int, object []byte) *Error {
		clear(row)
		err := flatten(line, object, func(column []byte, v gjson.Result) *Error {
			row[columns[string(column)]] = valueText(v)
			return nil
		})
		for _, v := range row {
			text.WriteString(v)
			t.ends = append(t.ends, uint32(text.Len()))
		}
		return err
	})
	t.text = text.String()
	return err
}

// eachLine calls f with each line that is not empty, and its number from 1.
func eachLine(file []byte, f func(line int, text []byte) *Error) error {
	for line := 1; len(file) > 0; line++ {
		var text []byte
		text, file, _ = bytes.Cut(file, []byte("\n"))
		if text = bytes.TrimSpace(text); len(text) == 0 {
			continue
		}
		if err := f(line, text); err != nil {
			return err
		}
	}
	return nil
}

// checkLine reports what is wrong with a line that should be an object.
func checkLine(line int, text []byte) *Error {
	const hint = `write one JSON object a line: {"id": 1}`
	if !utf8.Valid(text) {
		return notUTF8(line)
	}
	if text[0] != '{' {
		return &Error{line, "not a JSON object", hint}
	}
	if !json.Valid(text) {
		var raw json.RawMessage
		return &Error{line, "not JSON: " + json.Unmarshal(text, &raw).Error(), hint}
	}
	return nil
}

// flatten calls f with each value of an object that is no object itself, under
// its keys joined with dots; column is only borrowed.
func flatten(line int, object []byte, f func(column []byte, v gjson.Result) *Error) *Error {
	// The same memory as a string: what f gets points into it.
	root := gjson.Parse(unsafe.String(unsafe.SliceData(object), len(object)))
	var name []byte
	var walk func(v gjson.Result, depth int) *Error
	walk = func(v gjson.Result, depth int) (err *Error) {
		if depth > maxDepth {
			return &Error{line, fmt.Sprintf("objects nested deeper than %d", maxDepth), ""}
		}
		prefix := len(name)
		v.ForEach(func(key, v gjson.Result) bool {
			if prefix > 0 {
				name = append(name, '.')
			}
			name = append(name, key.Str...)
			switch {
			case key.Str == "":
				err = &Error{line, "an empty key", "give it a name"}
			case v.IsObject():
				err = walk(v, depth+1)
			default:
				err = f(name, v)
			}
			name = name[:prefix]
			return err == nil
		})
		return err
	}
	return walk(root, 1)
}

// valueText is a JSON value as a profile uses it.
func valueText(v gjson.Result) string {
	switch v.Type {
	case gjson.String:
		return v.Str
	case gjson.Null:
		return ""
	}
	return v.Raw
}

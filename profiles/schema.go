package profiles

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"stoke/profiles/grammar"
)

// SchemaFile is the name under which the comment for editors at the top of an
// example looks for the schema, beside the profile.
const SchemaFile = "stoke.schema.json"

// Schema returns the JSON Schema (draft 2020-12) of the format, made from the
// tables that read it, for editors. What [Read] accepts fits it; of what fits,
// Read refuses more: a schema cannot know which placeholders there are. The
// bytes are the caller's.
func Schema() ([]byte, error) {
	root := isMap(profileKeys())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = fmt.Sprintf("a traffic profile of stoke, version %d", Version)
	data, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the schema: %w", err)
	}
	return append(data, '\n'), nil
}

// shape is what a value looks like, as JSON Schema.
type shape map[string]any

// isMap is a map with the keys of a table.
func isMap[T any](fields []field[T]) shape {
	properties, required := map[string]any{}, []string{}
	for _, f := range fields {
		if f.read == nil {
			continue
		}
		described := shape{"description": f.description()}
		for word, value := range f.is {
			described[word] = value
		}
		properties[f.key] = described
		if f.required {
			required = append(required, f.key)
		}
	}
	s := shape{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

// description is what an editor shows of a key.
func (f field[T]) description() string {
	text := f.doc + "\n\nas in: " + f.key + ": " + f.form
	if f.standard != "" {
		text += "\ndefault: " + f.standard
	}
	return text
}

// The shapes of single values. What grammar reads from numbers may be written
// as a number.
var (
	isAnything = shape{}
	isVersion  = shape{"enum": []any{Version, fmt.Sprint(Version)}}
	isText     = shape{"type": "string"}
	isLine     = shape{"type": "string", "minLength": 1, "maxLength": maxName, "pattern": `^[^\x00-\x1f\x7f]*$`}
	isFile     = shape{"type": "string", "minLength": 1, "pattern": `^[^/]`}
	isFlag     = shape{"type": "boolean"}
	isFilled   = shape{"type": []string{"string", "number"}} // a text with placeholders, or a number
	isTarget   = shape{"type": "string", "pattern": `^[hH][tT][tT][pP][sS]?://[^/?#@\s]+(/[^?#]*)?$`}
	isRate     = shape{"type": []string{"number", "string"}, "exclusiveMinimum": 0, "pattern": `^[0-9][0-9.,]*[kK]?(/[smh])?$`, "not": isNought}
	isCount    = shape{"type": []string{"integer", "string"}, "minimum": 1, "pattern": `^[0-9][0-9.,]*[kK]?$`}
	isTime     = shape{"type": "string", "pattern": `^` + timePattern + `$`, "not": isNought}
	isNought   = shape{"type": "string", "pattern": "^[^1-9]*$"} // 0s, 0.0
	isThink    = shape{"type": "string", "pattern": `^` + timePattern + `(\s*\.\.\s*` + timePattern + `)?$`}
	isWeight   = shape{"type": []string{"number", "string"}, "minimum": 0, "maximum": 1_000_000, "pattern": `^[0-9.]+%?$`}
	isShare    = shape{"type": "string", "pattern": `^[0-9.]+%$`}
	isPath     = shape{"type": "string", "pattern": "^/"}
	isMethod   = shape{"type": "string", "pattern": "^[^a-z\\s]+$"}
	isHostPort = shape{"type": "string", "pattern": `^\S+:[0-9]{1,5}$`}
	isProxy    = shape{"type": "string", "pattern": `^[hH][tT][tT][pP]://[^/?#\s]+/?$`}
	isAddress  = shape{"type": "string", "pattern": `^[0-9A-Fa-f:.]+(%.+)?$`}
	isStatus   = shape{"type": []string{"integer", "string"}, "minimum": 100, "maximum": 999, "pattern": `^([1-5]xx|[1-9][0-9]{2}( *- *[1-9][0-9]{2})?)$`}
	isRetryOn  = shape{"type": []string{"integer", "string"}, "minimum": 100, "maximum": 999, "pattern": `^(error|limited|[1-5]xx|[1-9][0-9]{2})$`}
	isSize     = shape{"type": []string{"integer", "string"}, "minimum": 0, "pattern": `^\s*(==|!=|<|<=|>|>=)?\s*[0-9]+\s*$`}
	isAttempts = shape{"type": []string{"integer", "string"}, "minimum": 1, "maximum": maxAttempts, "pattern": `^[0-9]+$`}
	isLimited  = shape{"type": []string{"integer", "string"}, "minimum": 400, "maximum": 599, "pattern": `^[45][0-9]{2}$`}
)

const (
	timePattern  = `([0-9]*\.?[0-9]+(ns|us|µs|ms|s|m|h))+`
	tokenPattern = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" // a token of RFC 9110, 5.6.2
)

// isOneOf is one of some words. A number among them may be written as one.
func isOneOf(words ...string) shape {
	values := []any{}
	for _, w := range words {
		values = append(values, w)
		if strings.Trim(w, "0123456789.") == "" {
			values = append(values, json.Number(w))
		}
	}
	return shape{"enum": values}
}

func isList(of shape) shape { return shape{"type": "array", "minItems": 1, "items": of} }

// isMany is one or a list of them.
func isMany(of shape) shape { return shape{"anyOf": []any{of, isList(of)}} }

// isNamed is a map whose keys the profile makes up.
func isNamed(pattern string, of shape) shape {
	return shape{"type": "object", "propertyNames": shape{"pattern": pattern}, "additionalProperties": of}
}

func isHeaders() shape {
	return isNamed(tokenPattern, shape{"type": isFilled["type"], "pattern": `^[^\x00-\x08\x0a-\x1f\x7f]*$`})
}

// isCall is a request or a step: one way to say what is sent, which may be one
// of more, and at most one body.
func isCall(fields []field[requestDraft], more ...string) shape {
	ways := []any{shape{"required": []string{"method", "path"}}}
	for _, key := range slices.Concat(methodKeys, more) {
		ways = append(ways, shape{"required": []string{key}})
	}
	var both []any
	bodies := []string{"body", "json", "form", "multipart"}
	for i, key := range bodies {
		for _, other := range bodies[:i] {
			both = append(both, shape{"required": []string{other, key}})
		}
	}
	s := isMap(fields)
	s["oneOf"], s["not"] = ways, shape{"anyOf": both}
	return s
}

// nounPattern is what data and captures may be called.
const nounPattern = `^[\p{L}_][\p{L}\p{Nd}_-]*$`

func isData() shape {
	s := isNamed(nounPattern, shape{"anyOf": []any{isFile, isMap(dataKeys())}})
	s["minProperties"] = 1
	return s
}

func isBody() shape { return shape{"anyOf": []any{isText, isMap(bodyKeys())}} }

func isForm() shape {
	s := isNamed("", isMany(isFilled))
	s["minProperties"] = 1
	return s
}

func isCapture() shape {
	s := isNamed(nounPattern, isText)
	s["minProperties"] = 1
	return s
}

func isHeaderTests() shape {
	return isNamed(tokenPattern, shape{"anyOf": []any{isFilled, isList(isFilled), isMap(headerTestKeys("x"))}})
}

// isPhases is a list of what the grammar takes for a phase.
func isPhases() shape {
	var verbs []string
	for _, h := range grammar.Verbs() {
		if h.Phase {
			verbs = append(verbs, string(h.Verb))
		}
	}
	return isList(shape{"type": "string", "pattern": `^\s*(` + strings.Join(verbs, "|") + `)(\s|$)`})
}

package importer

import (
	"fmt"
	"math"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// sampler makes values up that a schema accepts.
type sampler struct {
	*mix
	made int                       // values so far, of all schemas
	open map[*openapi3.Schema]bool // being made: a schema may hold itself
}

// The bounds of what is made up.
const (
	maxSampleDepth = 8
	maxSamples     = 20_000
)

// of is a value of a schema: its example, default or first choice, or one made
// up from its type and format. Nil: there is none.
func (s *sampler) of(name string, ref *openapi3.SchemaRef, depth int) *tree {
	if s.made++; ref == nil || ref.Value == nil || depth > maxSampleDepth || s.made > maxSamples || s.open[ref.Value] {
		return nil
	}
	v := ref.Value
	s.open[v] = true
	defer delete(s.open, v)
	for _, given := range []any{v.Example, first(v.Examples), v.Const, v.Default, first(v.Enum)} {
		if given != nil {
			if t, err := treeOf(given); err == nil {
				return t
			}
		}
	}
	switch {
	case len(v.AllOf) > 0:
		whole := &tree{kind: '{'}
		for _, part := range v.AllOf {
			t := s.of(name, part, depth+1)
			if t == nil || t.kind != '{' {
				if t != nil && len(whole.keys) == 0 {
					return t
				}
				continue
			}
			for i, key := range t.keys {
				whole.set(key, t.kids[i])
			}
		}
		s.properties(whole, v, depth)
		return whole
	case len(v.OneOf) > 0:
		return s.choice(name, v, v.OneOf[0], depth)
	case len(v.AnyOf) > 0:
		return s.choice(name, v, v.AnyOf[0], depth)
	case v.Type.Permits("object") && v.Type != nil || len(v.Properties) > 0:
		t := &tree{kind: '{'}
		s.properties(t, v, depth)
		return t
	case is(v, "array"):
		t := &tree{kind: '['}
		for range min(max(v.MinItems, 1), 5) {
			if item := s.of(name, v.Items, depth+1); item != nil {
				t.kids = append(t.kids, item)
			}
		}
		return t
	case is(v, "integer"):
		return &tree{kind: '0', text: s.integer(v)}
	case is(v, "number"):
		return &tree{kind: '0', text: number(v)}
	case is(v, "boolean"):
		return &tree{kind: '0', text: "true"}
	case is(v, "string") || v.Type == nil:
		return &tree{kind: '"', text: s.text(name, v)}
	}
	return &tree{kind: '0', text: "null"}
}

// choice is a value of one of the schemas that v offers, with the word that
// tells which one it is.
func (s *sampler) choice(name string, v *openapi3.Schema, one *openapi3.SchemaRef, depth int) *tree {
	t := s.of(name, one, depth+1)
	d := v.Discriminator
	if t == nil || t.kind != '{' || d == nil || !plainKey().MatchString(d.PropertyName) {
		return t
	}
	word := one.Ref[strings.LastIndexByte(one.Ref, '/')+1:]
	for _, key := range sortedKeys(d.Mapping) {
		if to := d.Mapping[key].Ref; one.Ref != "" && (to == one.Ref || to == word) {
			word = key
			break
		}
	}
	if word != "" {
		t.set(d.PropertyName, &tree{kind: '"', text: word})
	}
	return t
}

func is(v *openapi3.Schema, kind string) bool { return v.Type != nil && v.Type.Includes(kind) }

func first(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// set gives an object a key, or the key another value.
func (t *tree) set(key string, kid *tree) {
	for i := range t.keys {
		if t.keys[i] == key {
			t.kids[i] = kid
			return
		}
	}
	t.keys, t.kids = append(t.keys, key), append(t.kids, kid)
}

// properties adds the properties of an object that a client sends.
func (s *sampler) properties(t *tree, v *openapi3.Schema, depth int) {
	for _, key := range sortedKeys(v.Properties) {
		ref := v.Properties[key]
		if ref == nil || ref.Value == nil || ref.Value.ReadOnly || !plainKey().MatchString(key) || key != strings.TrimSpace(key) {
			continue
		}
		if kid := s.of(key, ref, depth+1); kid != nil {
			t.set(key, kid)
		}
	}
}

// bounds are the ends of what a number may be, and whether it may not be them.
func bounds(v *openapi3.Schema) (low, high float64, above, below bool) {
	low, high = 1, 1e9
	above, below = v.ExclusiveMin.IsTrue(), v.ExclusiveMax.IsTrue()
	top, bottom := v.Max, v.Min
	if b := v.ExclusiveMax.Value; b != nil && (top == nil || *b <= *top) {
		top, below = b, true
	}
	if b := v.ExclusiveMin.Value; b != nil && (bottom == nil || *b >= *bottom) {
		bottom, above = b, true
	}
	if top != nil {
		high = *top
		low = math.Min(low, high)
	}
	if bottom != nil {
		low = *bottom
		high = math.Max(low, high)
	}
	return low, high, above && bottom != nil, below && top != nil
}

// number is a number between the bounds.
func number(v *openapi3.Schema) string {
	low, high, above, below := bounds(v)
	if low == high && below && !above {
		low-- // only the upper end is given
	}
	n := low + 1.5
	if n > high || n == high && below {
		n = low + (high-low)/2
	}
	return plainFloat(min(n, 1e12))
}

// integer is a whole number, drawn at random.
func (s *sampler) integer(v *openapi3.Schema) string {
	low, high, above, below := bounds(v)
	if above && low == math.Floor(low) {
		low++
	}
	if below && high == math.Floor(high) {
		high--
		if v.Min == nil && v.ExclusiveMin.Value == nil {
			low = math.Min(low, high)
		}
	}
	low, high = math.Ceil(math.Max(low, -1e9)), math.Floor(math.Min(high, 1e9))
	if high > low+99 && v.Max == nil {
		high = low + 99
	}
	if v.MultipleOf != nil && *v.MultipleOf > 0 && !math.IsInf(*v.MultipleOf, 0) {
		return plainFloat(math.Ceil(low / *v.MultipleOf) * *v.MultipleOf)
	}
	if high <= low {
		return plainFloat(low)
	}
	return hole(fmt.Sprintf("rand.int %.0f %.0f", low, high))
}

// text is a text of a format, or what the name of the property asks for.
func (s *sampler) text(name string, v *openapi3.Schema) string {
	switch strings.ToLower(v.Format) {
	case "uuid":
		return hole("uuid")
	case "date-time":
		return hole("now rfc3339")
	case "date":
		return "2026-01-31"
	case "time":
		return "12:00:00Z"
	case "email", "idn-email":
		return hole("fake.email")
	case "uri", "url", "iri":
		return "https://example.test/"
	case "hostname":
		return "host.example.test"
	case "ipv4":
		return "192.0.2.1"
	case "ipv6":
		return "2001:db8::1"
	case "byte":
		return "c3Rva2U="
	case "binary":
		return "binary"
	case "password":
		return s.vault.hide(envName(name), "the property "+name, "", "")
	}
	if v.Pattern != "" {
		s.note("", "patterns are not followed: the value of %s is made up", show(name))
	}
	plain := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
	if v.MaxLength == nil || *v.MaxLength >= 40 {
		switch {
		case strings.HasSuffix(plain, "email"):
			return hole("fake.email")
		case plain == "name" || plain == "fullname":
			return hole("fake.name")
		case strings.HasSuffix(plain, "phone") || strings.HasSuffix(plain, "phonenumber"):
			return hole("fake.phone")
		}
	}
	text := "text"
	if n := int(min(v.MinLength, 1000)); len(text) < n {
		text = strings.Repeat("text ", n/5+1)[:n]
	}
	if v.MaxLength != nil && uint64(len(text)) > *v.MaxLength {
		text = text[:*v.MaxLength]
	}
	return strings.TrimSpace(text)
}

package importer

import (
	"strings"
	"testing"
)

// apiOf is a document with one operation, of which parameters are said.
func apiOf(parameters string) string {
	return "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      parameters:\n        - " + parameters +
		"\n      responses: {'200': {description: ok}}\n"
}

// TestQueryStyles: lists and objects stand in a query in the style that the
// document says.
func TestQueryStyles(t *testing.T) {
	const list = "example: [a b, c], schema: {type: array, items: {type: string}}"
	const object = "example: {x: 1, y: a b}, schema: {type: object}"
	for parameter, want := range map[string]string{
		"{name: p, in: query, " + list + "}":                                                                "/a?p=a+b&p=c",
		"{name: p, in: query, explode: false, " + list + "}":                                                "/a?p=a+b,c",
		"{name: p, in: query, style: spaceDelimited, explode: false, " + list + "}":                         "/a?p=a+b%20c",
		"{name: p, in: query, style: pipeDelimited, " + list + "}":                                          "/a?p=a+b%7Cc",
		"{name: p, in: query, " + object + "}":                                                              "/a?x=1&y=a+b",
		"{name: p, in: query, explode: false, " + object + "}":                                              "/a?p=x,1,y,a+b",
		"{name: p, in: query, style: deepObject, explode: true, " + object + "}":                            "/a?p%5Bx%5D=1&p%5By%5D=a+b",
		"{name: p, in: query, content: {application/json: {schema: {type: object}, example: {x: [1, 2]}}}}": "/a?p=%7B%22x%22%3A%5B1%2C2%5D%7D",
		"{name: p, in: query, required: true, schema: {type: string, enum: [one]}}":                         "/a?p=one",
	} {
		r, err := OpenAPI(strings.NewReader(apiOf(parameter)), Options{Target: "http://127.0.0.1:1"})
		if err != nil {
			t.Fatalf("%s: %v", parameter, err)
		}
		if got := r.Profile.Requests[0].Path; got != want {
			t.Errorf("%s: %s, want %s", parameter, got, want)
		}
	}
}

// TestSampleNumbers: a number that is made up lies within what its schema
// allows.
func TestSampleNumbers(t *testing.T) {
	for schema, want := range map[string]string{
		"{type: number}": "2.5",
		"{type: number, minimum: 0, exclusiveMinimum: true, maximum: 0.5}": "0.25",
		"{type: number, maximum: 0.5}":                                     "0.5",
		"{type: number, maximum: 0.5, exclusiveMaximum: true}":             "0",
		"{type: number, minimum: 3, maximum: 3}":                           "3",
		"{type: integer, minimum: 0, exclusiveMinimum: true, maximum: 1}":  "1",
		"{type: integer, maximum: 0}":                                      "0",
		"{type: integer, maximum: 1, exclusiveMaximum: true}":              "0",
		"{type: integer, minimum: 4, maximum: 6, exclusiveMaximum: true}":  "${rand.int 4 5}",
	} {
		r, err := OpenAPI(strings.NewReader(apiOf("{name: p, in: query, required: true, schema: "+schema+"}")), Options{Target: "http://127.0.0.1:1"})
		if err != nil {
			t.Fatalf("%s: %v", schema, err)
		}
		if got := strings.TrimPrefix(r.Profile.Requests[0].Path, "/a?p="); got != want {
			t.Errorf("%s: %s, want %s", schema, got, want)
		}
	}
}

// TestSampleChoice: what is made up of one of several schemas says which.
func TestSampleChoice(t *testing.T) {
	const schemas = "\ncomponents:\n  schemas:\n    Cat: {type: object, properties: {kind: {type: string}, lives: {type: integer, example: 9}}}\n    Dog: {type: object}\n"
	for discriminator, want := range map[string]string{
		"{propertyName: kind}":                                           `{"kind":"Cat","lives":9}`,
		"{propertyName: kind, mapping: {dog: Dog, tom: Cat}}":            `{"kind":"tom","lives":9}`,
		"{propertyName: k, mapping: {c: '#/components/schemas/Cat'}}":    `{"kind":"text","lives":9,"k":"c"}`,
		"{propertyName: kind, mapping: {d: '#/components/schemas/Dog'}}": `{"kind":"Cat","lives":9}`,
	} {
		doc := "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    post:\n      requestBody: {content: {application/json: {schema: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], discriminator: " +
			discriminator + "}}}}\n      responses: {'200': {description: ok}}" + schemas
		r, err := OpenAPI(strings.NewReader(doc), Options{Target: "http://127.0.0.1:1"})
		if err != nil {
			t.Fatalf("%s: %v", discriminator, err)
		}
		if got := r.Profile.Requests[0].JSON; got != want {
			t.Errorf("%s: %s, want %s", discriminator, got, want)
		}
	}
}

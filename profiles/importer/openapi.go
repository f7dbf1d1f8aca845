package importer

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"stoke/profiles"
)

// apiReader reads an OpenAPI document.
type apiReader struct {
	*mix
	doc     *openapi3.T
	example sampler
}

// OpenAPI imports an OpenAPI 3 document: a request for each operation, filled
// from its examples, defaults and schemas. Other documents that it refers to
// are read from Options.Folder, never from a network.
func OpenAPI(in io.Reader, o Options) (r *Result, err error) {
	data, err := o.readAll(in)
	if err != nil {
		return nil, err
	}
	defer func() { // the document may come from anybody, and the library reads more than its author thought of
		if fault := recover(); fault != nil {
			r, err = nil, o.fail("this OpenAPI document cannot be read", "validate it, or import a part of it")
		}
	}()
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = o.Folder != nil
	loader.ReadFromURIFunc = o.readRef
	doc, err := loader.LoadFromDataWithPath(data, &url.URL{Path: "openapi"})
	if err != nil {
		return nil, o.fail("it is no OpenAPI document that can be read: "+cut(printable(err.Error()), 300), "it is to be OpenAPI 3 in YAML or JSON; other files are looked for beside it only")
	}
	if doc.OpenAPI == "" && doc.Extensions["swagger"] == nil {
		return nil, o.fail("it is no OpenAPI document: the key openapi is missing", "it is to begin with openapi: 3.0.3 or a later version")
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.") {
		return nil, o.fail("it is no OpenAPI 3 document: openapi is "+show(doc.OpenAPI), "convert Swagger 2 to OpenAPI 3 first")
	}
	if doc.Paths.Len() == 0 {
		return nil, o.fail("there are no paths in it", "")
	}
	a := &apiReader{mix: newMix("OpenAPI document", o), doc: doc}
	a.example = sampler{mix: a.mix, open: map[*openapi3.Schema]bool{}}
	if doc.Info != nil && a.Name == "" {
		a.Name = cut(doc.Info.Title, 60)
	}
	a.server()
	paths := doc.Paths.Map()
	for _, template := range sortedKeys(paths) {
		item := paths[template]
		if item == nil {
			continue
		}
		operations := item.Operations()
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
			if op := operations[method]; op != nil {
				a.operation(method, template, item, op)
			}
		}
		if operations["TRACE"] != nil {
			a.note(template, "TRACE left out")
		}
	}
	a.remarks = append(a.remarks, "Values come from examples and defaults, or are made up from the schemas: look them over.")
	if !slices.ContainsFunc(a.calls, func(c *call) bool { return c.weight > 0 }) {
		for _, c := range a.calls {
			c.weight = 1
		}
	}
	return a.finish()
}

// readRef reads a file that a document refers to, from the folder of the input
// and from nowhere else.
func (o Options) readRef(_ *openapi3.Loader, u *url.URL) ([]byte, error) {
	if u.Scheme != "" || u.Host != "" {
		return nil, fmt.Errorf("%s is in a network, which is not touched: put it beside the document", printable(u.Host))
	}
	name := path.Clean(u.Path)
	if o.Folder == nil || !fs.ValidPath(name) {
		return nil, fmt.Errorf("%s is not beside the document", printable(name))
	}
	f, err := o.Folder.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read beside the document", printable(name))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxInput+1))
	if err == nil && len(data) > MaxInput {
		err = fmt.Errorf("%s is larger than %d MiB", printable(name), MaxInput>>20)
	}
	return data, err
}

// server takes the target from the servers of the document.
func (a *apiReader) server() {
	if a.Target != "" {
		return
	}
	for i, s := range a.doc.Servers {
		if s == nil {
			continue
		}
		text := s.URL
		for _, name := range sortedKeys(s.Variables) {
			if v := s.Variables[name]; v != nil {
				text = strings.ReplaceAll(text, "{"+name+"}", v.Default)
			}
		}
		text = strings.TrimSuffix(text, "/")
		if _, problem := profiles.FromURL(text); problem != nil || strings.ContainsAny(text, "?{}") {
			a.note("servers", "%s is not a whole URL: add --target", show(s.URL))
			continue
		}
		a.Target = text
		if n := len(a.doc.Servers) - i - 1; n > 0 {
			a.note("servers", "%s is the target; %s left out", text, plural(n, "other server"))
		}
		return
	}
}

// operation makes a call of an operation.
func (a *apiReader) operation(method, template string, item *openapi3.PathItem, op *openapi3.Operation) {
	where := method + " " + template
	c := &call{where: where, name: cmp.Or(op.OperationID, where), method: method, weight: 1}
	if op.Deprecated {
		c.remark = "deprecated"
	}
	if method == "DELETE" {
		c.weight = 0
		c.remark = strings.TrimPrefix(c.remark+"\nIt deletes, so it is not sent: give it a weight to send it.", "\n")
		a.note("", "operations that delete have weight 0 and are not sent")
	}
	if !strings.HasPrefix(template, "/") {
		template = "/" + template
	}
	if len(item.Servers) > 0 || op.Servers != nil && len(*op.Servers) > 0 {
		a.note(where, "its own servers were left out: a profile has one target")
	}
	params := map[string]*openapi3.Parameter{}
	var order []string
	for _, list := range []openapi3.Parameters{item.Parameters, op.Parameters} {
		for _, ref := range list {
			if ref == nil || ref.Value == nil {
				continue
			}
			key := ref.Value.In + " " + ref.Value.Name
			if params[key] == nil {
				order = append(order, key)
			}
			params[key] = ref.Value
		}
	}
	var query []string
	for _, key := range order {
		p := params[key]
		switch p.In {
		case "path":
			value := a.param(where, p)
			template = strings.ReplaceAll(template, "{"+p.Name+"}", escapeHoles(cmp.Or(value, "1"), url.PathEscape))
		case "query":
			if p.Required || hasExample(p) {
				query = append(query, a.query(p)...)
			}
		case "header":
			if p.Required || hasExample(p) {
				a.addHeader(c, p.Name, a.param(where, p))
			}
		case "cookie":
			if p.Required {
				a.addHeader(c, "cookie", p.Name+"="+a.param(where, p))
			}
		}
	}
	c.path = strings.NewReplacer("{", "%7B", "}", "%7D", "?", "%3F").Replace(template)
	if c.path != template {
		a.note(where, "a part of its path is no parameter and stands as it is")
	}
	if len(query) > 0 {
		c.path += "?" + strings.Join(query, "&")
	}
	c.path = cleanPath(c.path)
	a.security(c, op)
	if op.RequestBody != nil && op.RequestBody.Value != nil {
		a.body(c, op.RequestBody.Value.Content)
	}
	a.status(c, op)
	if accept := acceptOf(op); accept != "" && c.header("accept") == "" {
		a.addHeader(c, "accept", accept)
	}
	a.calls = append(a.calls, c)
}

// security adds the credentials that an operation asks for, as references.
func (a *apiReader) security(c *call, op *openapi3.Operation) {
	wanted := a.doc.Security
	if op.Security != nil {
		wanted = *op.Security
	}
	if len(wanted) == 0 || a.doc.Components == nil {
		return
	}
	for _, name := range sortedKeys(wanted[0]) { // the first way of several
		ref := a.doc.Components.SecuritySchemes[name]
		if ref == nil || ref.Value == nil {
			continue
		}
		s := ref.Value
		about := "security scheme " + name
		switch {
		case s.Type == "apiKey" && s.In == "header":
			a.addHeader(c, s.Name, a.vault.hide(envName(s.Name), about, "", ""))
		case s.Type == "apiKey" && s.In == "query":
			sign := "?"
			if strings.Contains(c.path, "?") {
				sign = "&"
			}
			c.path += sign + url.QueryEscape(s.Name) + "=" + a.vault.hide(envName(s.Name), about, "", "")
		case s.Type == "apiKey" && s.In == "cookie":
			a.addHeader(c, "cookie", s.Name+"="+a.vault.hide(envName(s.Name), about, "", ""))
		case s.Type == "http" && strings.EqualFold(s.Scheme, "basic"):
			a.addHeader(c, "authorization", "Basic "+a.vault.hide("BASIC_AUTH", about+": base64 of user:password", "", ""))
		case s.Type == "http" || s.Type == "oauth2" || s.Type == "openIdConnect":
			a.addHeader(c, "authorization", "Bearer "+a.vault.hide("BEARER_TOKEN", about, "", ""))
		default:
			a.note("", "the security scheme %s (%s) was left out", show(name), printable(s.Type))
		}
	}
}

// kinds are the content types that a body is taken in, the best first.
var kinds = []string{"application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}

// body gives a call a body in the best of its content types.
func (a *apiReader) body(c *call, content openapi3.Content) {
	kind := ""
	for _, k := range slices.Concat(kinds, sortedKeys(content)) {
		if content[k] != nil && (kind == "" || strings.HasSuffix(k, "+json") && !slices.Contains(kinds, kind)) {
			kind = k
		}
	}
	if kind == "" {
		return
	}
	media := content[kind]
	var t *tree
	if v := firstExample(media.Example, media.Examples); v != nil {
		t, _ = treeOf(v)
	}
	if t == nil {
		t = a.example.of("", media.Schema, 0)
	}
	if t == nil {
		a.note(c.where, "its body has no example and no schema and was left out")
		return
	}
	switch {
	case kind == "application/x-www-form-urlencoded" && t.kind == '{':
		var b body
		for i, key := range t.keys {
			b.form = append(b.form, profiles.Header{Name: key, Value: textOf(t.kids[i])})
		}
		a.takeBody(c, b)
	case kind == "multipart/form-data" && t.kind == '{':
		var b body
		for i, key := range t.keys {
			if len(key) > 80 {
				continue
			}
			part := profiles.Part{Name: key, Value: textOf(t.kids[i])}
			if binary(media.Schema, key) {
				part.Value, part.File = "", beside(key+".bin")
			}
			b.parts = append(b.parts, part)
		}
		a.takeBody(c, b)
	case kind == "application/json" || strings.HasSuffix(kind, "+json") || strings.Contains(kind, "*"):
		if kind != "application/json" && !strings.Contains(kind, "*") {
			a.addHeader(c, "content-type", kind)
		}
		c.body = body{json: t}
		if t.kind != '{' && t.kind != '[' {
			a.addHeader(c, "content-type", "application/json")
			c.body = body{text: t.raw()}
		}
	case t.kind == '"':
		a.addHeader(c, "content-type", kind)
		c.body = body{text: t.text}
	default:
		a.note(c.where, "its body of type %s was left out: write it", show(kind))
	}
}

// binary reports whether a property of a form is a file.
func binary(ref *openapi3.SchemaRef, key string) bool {
	if ref == nil || ref.Value == nil || ref.Value.Properties[key] == nil || ref.Value.Properties[key].Value == nil {
		return false
	}
	s := ref.Value.Properties[key].Value
	return s.Format == "binary" || s.Format == "byte" || s.Extensions["contentMediaType"] != nil
}

// status expects the successful answers of an operation, if they are not what
// is expected anyway.
func (a *apiReader) status(c *call, op *openapi3.Operation) {
	if op.Responses == nil {
		return
	}
	for code := range op.Responses.Map() {
		if n, err := strconv.Atoi(code); err == nil && n >= 200 && n < 400 {
			c.expect = append(c.expect, n)
		}
		if len(code) == 3 && strings.EqualFold(code[1:], "xx") && code[0] == '2' {
			c.expect = nil
			return
		}
	}
	if slices.Equal(c.expect, []int{200}) {
		c.expect = nil
	}
}

// acceptOf is JSON if an answer may be JSON.
func acceptOf(op *openapi3.Operation) string {
	if op.Responses == nil {
		return ""
	}
	for _, ref := range op.Responses.Map() {
		if ref != nil && ref.Value != nil && ref.Value.Content["application/json"] != nil {
			return "application/json"
		}
	}
	return ""
}

package importer

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"stoke/profiles"
)

// vault replaces secrets by references and remembers them, so that none is left
// anywhere else. The same name is the same variable, whatever its values were.
type vault struct {
	order []string           // names in the order met
	about map[string]*secret // by name
	known map[string]string  // the values that are looked for everywhere, and their names
}

// secret is one environment variable.
type secret struct {
	what   string // "header Authorization"
	where  string // of the first
	values map[string]bool
}

func newVault() *vault {
	return &vault{about: map[string]*secret{}, known: map[string]string{}}
}

// hide returns the reference that stands for a value.
func (v *vault) hide(name, what, where, value string) string {
	s := v.about[name]
	if s == nil {
		s = &secret{what: what, where: where, values: map[string]bool{}}
		v.about[name] = s
		v.order = append(v.order, name)
	}
	if value != "" {
		s.values[value] = true
		v.watch(name, value)
	}
	return hole("env." + name)
}

// watch has a value looked for in all texts. Short or plain words are not: they
// would be found where they mean something else.
func (v *vault) watch(name, value string) {
	telling := len(value) >= 20 || strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsLower(r) && r != '-' && r != '_' && r != '/' })
	if len(value) >= 8 && telling && !strings.Contains(value, holeBegin) {
		if _, known := v.known[value]; !known {
			v.known[value] = name
		}
	}
}

// sweep returns a function that replaces every known value in a text, also as
// it stands in URLs.
func (v *vault) sweep(as func(name string) string) func(string) string {
	values := make([]string, 0, len(v.known))
	for value := range v.known {
		values = append(values, value)
	}
	// The longest first: one may hold another.
	slices.SortFunc(values, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	var pairs []string
	for _, value := range values {
		to := as(v.known[value])
		forms := []string{value, url.QueryEscape(value), url.PathEscape(value), strings.Trim(jsonText(value), `"`)}
		for i, form := range forms {
			if !slices.Contains(forms[:i], form) {
				pairs = append(pairs, form, to)
			}
		}
	}
	if len(pairs) == 0 {
		return func(s string) string { return s }
	}
	return strings.NewReplacer(pairs...).Replace
}

// secretWords are parts of the names under which secrets stand. A name is taken
// in lower case and without signs.
var (
	secretWords = []string{"password", "passwd", "passphrase", "secret", "token", "apikey", "accesskey", "privatekey", "authorization",
		"session", "csrf", "xsrf", "jwt", "credential", "signature", "cookie", "bearer", "creditcard", "cardnumber"}
	secretNames = []string{"pwd", "pass", "auth", "sid", "sig", "otp", "pin", "cvv", "cvc", "ssn", "iban", "subscriptionkey", "hmac", "nonce", "assertion"}
	plainNames  = []string{"tokentype", "maxtokens", "sessionduration", "cookieconsent", "cookiepolicy", "acceptcookies"}
)

// secretName reports whether what stands under a name is to be hidden.
func secretName(name string) bool {
	name = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
	if slices.Contains(plainNames, name) || strings.HasSuffix(name, "tokens") {
		return false
	}
	return slices.Contains(secretNames, name) || slices.ContainsFunc(secretWords, func(w string) bool { return strings.Contains(name, w) })
}

// secretQuery is secretName for the keys of a query, where some more are usual.
func secretQuery(name string) bool {
	switch strings.ToLower(name) {
	case "key", "code", "awsaccesskeyid", "x-amz-credential":
		return true
	}
	return secretName(name)
}

// secretHeader is secretName for headers.
func secretHeader(name string) bool {
	lower := strings.ToLower(name)
	return secretName(name) || strings.HasSuffix(lower, "-key") && lower != "idempotency-key" || strings.Contains(lower, "-auth")
}

// envName makes the name of an environment variable: accessToken becomes
// ACCESS_TOKEN, x-api-key becomes API_KEY.
func envName(name string) string {
	var b strings.Builder
	low := false // the character before was a lower-case letter or a digit
	for _, r := range name {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(unicode.ToUpper(r))
			low = true
		case r >= 'A' && r <= 'Z':
			if low {
				b.WriteByte('_')
			}
			b.WriteRune(r)
			low = false
		default:
			if b.Len() > 0 && !strings.HasSuffix(b.String(), "_") {
				b.WriteByte('_')
			}
			low = false
		}
	}
	text := strings.TrimPrefix(strings.Trim(b.String(), "_"), "X_")
	if len(text) > 40 {
		text = strings.Trim(text[:40], "_")
	}
	if text == "" || text[0] < 'A' || text[0] > 'Z' {
		return "SECRET"
	}
	return text
}

// telling matches what shows by its look that it is a secret.
var telling = lazily(`eyJ[\w-]{5,}\.[\w-]{5,}(\.[\w-]*)?|\b(AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bxox[abprs]-[\w-]{10,}|\b[sr]k_(live|test)_\w{8,}|\bglpat-[\w-]{10,}|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*-----END [A-Z ]*PRIVATE KEY-----`)

// assigned matches a secret in a text of an unknown form: password=…,
// "token": "…", <secret>…</secret>.
var assigned = lazily(`(?i)([\w.-]*(?:password|passwd|passphrase|secret|token|api[_-]?key|session[_-]?id)[\w.-]*)("?\s*[:=]\s*"?|>\s*)([^"'<>&\s,;]+)`)

// text hides the secrets of a text whose form is not known.
func (v *vault) text(where, text string) string {
	text = telling().ReplaceAllStringFunc(text, func(found string) string {
		return v.hide("TOKEN", "what looks like a token", where, found)
	})
	var b strings.Builder
	last := 0
	for _, m := range assigned().FindAllStringSubmatchIndex(text, -1) {
		name := text[m[2]:m[3]]
		if !secretName(name) {
			continue
		}
		b.WriteString(text[last:m[6]])
		b.WriteString(v.hide(envName(name), name, where, text[m[6]:m[7]]))
		last = m[7]
	}
	return b.String() + text[last:]
}

// header hides the secret of a header line.
func (v *vault) header(where string, h profiles.Header) string {
	lower := strings.ToLower(h.Name)
	what := "header " + h.Name
	switch {
	case onlyHoles(h.Value) || h.Value == "":
		return h.Value
	case lower == "authorization" || lower == "proxy-authorization":
		scheme, value, found := strings.Cut(h.Value, " ")
		switch value = strings.TrimSpace(value); {
		case onlyHoles(value):
			return h.Value
		case found && strings.EqualFold(scheme, "basic"):
			if pair, err := base64.StdEncoding.DecodeString(value); err == nil {
				_, password, _ := strings.Cut(string(pair), ":")
				v.watch("BASIC_AUTH", string(pair))
				v.watch("BASIC_AUTH", password)
			}
			return scheme + " " + v.hide("BASIC_AUTH", what+": base64 of user:password", where, value)
		case found && strings.EqualFold(scheme, "bearer"):
			return scheme + " " + v.hide("BEARER_TOKEN", what, where, value)
		}
		return v.hide(envName(h.Name), what, where, h.Value)
	case lower == "cookie" || lower == "set-cookie":
		for pair := range strings.SplitSeq(h.Value, ";") {
			if _, value, _ := strings.Cut(strings.TrimSpace(pair), "="); len(value) >= 16 {
				v.watch("COOKIE", value)
			}
		}
		return v.hide(envName(h.Name), what, where, h.Value)
	case secretHeader(h.Name):
		return v.hide(envName(h.Name), what, where, h.Value)
	case lower == "referer" || lower == "origin":
		before, query, _ := strings.Cut(h.Value, "?")
		if query != "" {
			return before + "?" + v.query(where, query)
		}
	}
	return v.text(where, h.Value)
}

// query hides the secrets of a query or of a urlencoded form, and leaves the
// rest as it was written.
func (v *vault) query(where, query string) string {
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		rawName, raw, found := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		if !found || err != nil {
			pairs[i] = v.text(where, pair)
			continue
		}
		value, err := url.QueryUnescape(raw)
		if err != nil {
			value = raw
		}
		if got := v.field(where, name, value, secretQuery); got != value {
			if onlyHoles(got) {
				raw = got
			} else {
				raw = escapeQuery(got)
			}
			pairs[i] = rawName + "=" + raw
		}
	}
	return strings.Join(pairs, "&")
}

// field hides the value of a named field if it is a secret, or the secrets in
// it.
func (v *vault) field(where, name, value string, isSecret func(string) bool) string {
	switch {
	case value == "" || onlyHoles(value):
		return value
	case isSecret(name):
		return v.hide(envName(name), name, where, value)
	}
	if t, err := parseTree(value); err == nil {
		if v.tree(where, t) {
			return t.raw()
		}
		return value
	}
	return v.text(where, value)
}

// tree hides the secrets of a JSON value and reports whether there were any.
func (v *vault) tree(where string, t *tree) (changed bool) {
	t.walk("", func(key string, leaf *tree) {
		before := leaf.text
		switch {
		case leaf.kind == '0' && (before == "true" || before == "false" || before == "null"):
		case leaf.kind == '0' && !secretName(key):
		default:
			leaf.text = v.field(where, key, before, secretName)
		}
		changed = changed || leaf.text != before
	})
	return changed
}

// escapeQuery escapes what stands in a query, but for its holes.
func escapeQuery(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, holeBegin)
		b.WriteString(url.QueryEscape(before))
		if !found {
			return b.String()
		}
		words, after, _ := strings.Cut(rest, holeEnd)
		b.WriteString(hole(words))
		text = after
	}
}

// path hides what follows a word like reset or token in a path.
func (v *vault) path(where, path string) string {
	segments := strings.Split(path, "/")
	for i := 1; i < len(segments); i++ {
		segments[i] = v.segment(where, segments[i-1], segments[i])
	}
	return v.text(where, strings.Join(segments, "/"))
}

// segment hides a segment of a path, if the one before it says that a secret
// follows and it looks like one.
func (v *vault) segment(where, before, segment string) string {
	if len(segment) < 16 || strings.Contains(segment, holeBegin) {
		return segment
	}
	before = strings.ToLower(before)
	if !secretName(before) && !slices.Contains([]string{"reset", "verify", "activate", "confirm", "invite", "unsubscribe", "magic"}, before) {
		return segment
	}
	name := envName(before + "_token")
	if s := v.about[name]; s != nil && len(s.values) >= 1000 {
		return hole("env." + name)
	}
	return v.hide(name, "the path behind /"+before+"/", where, segment)
}

// mention registers a variable that the input itself refers to, under its own
// name.
func (v *vault) mention(name, what, where string) { v.hide(name, what, where, "") }

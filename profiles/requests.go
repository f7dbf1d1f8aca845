package profiles

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxPath bounds a path with its query, in characters.
const maxPath = 64 << 10

// methodKeys are the keys that say method and path at once.
var methodKeys = []string{"get", "post", "put", "patch", "delete", "head", "options"}

// requestDraft is a request with what its checks need.
type requestDraft struct {
	Request
	at      map[string]place
	whole   place  // of the request
	share   string // the weight as written; "" if not said
	percent bool   // the weight is in percent
}

// requestKeys are the keys of a request: those that say what is sent and
// expected, and those of its share and of a scenario.
func requestKeys() []field[requestDraft] {
	fields := sendKeys()
	own := []field[requestDraft]{
		{key: "weight", form: "70%", is: isWeight, standard: "1", doc: "share of the traffic: percent, or parts of the sum", read: readWeight},
	}
	fields = slices.Insert(fields, 1, own...)
	return append(fields, []field[requestDraft]{
		{key: "steps", form: "[{get: /}, {get: /cart}]", is: isList(isCall(stepKeys())), doc: "in place of a method: requests sent one after the other, which share captures and cookies", read: readSteps},
		{key: "cookies", form: "true", is: isFlag, standard: "true", doc: "of a scenario: a start keeps the cookies it is given", read: readCookies},
		{key: "failed", form: "stop", is: isOneOf(FailedStop, FailedContinue), standard: "stop", doc: "of a scenario: what a failed step does to those after it: stop or continue",
			read: func(v value, q *requestDraft) { readChoice(v, &q.Failed, FailedStop, FailedContinue) }},
	}...)
}

// sendKeys are the keys that a request and a step have in common.
func sendKeys() []field[requestDraft] {
	fields := []field[requestDraft]{
		{key: "name", form: "checkout", is: isLine, standard: "method and path", doc: "shown in the figures; each name once",
			read: func(v value, q *requestDraft) { q.Name, _ = v.line(maxName) }},
	}
	for _, key := range methodKeys {
		method := strings.ToUpper(key)
		fields = append(fields, field[requestDraft]{key: key, form: "/products?page=2", is: isPath, doc: "a " + method + " of this path",
			read: func(v value, q *requestDraft) { q.Method = method; readPath(v, q) }})
	}
	return append(fields, []field[requestDraft]{
		{key: "method", form: "PURGE", is: isMethod, doc: "any method, with path", read: readMethod},
		{key: "path", form: "/products", is: isPath, doc: "the path of method", read: readPath},
		{key: "headers", form: "{accept: application/json}", is: isHeaders(), doc: "besides the profile's; the same name replaces",
			read: func(v value, q *requestDraft) { q.Headers = readHeaders(v) }},
		{key: "body", form: "a=1&b=2", is: isBody(), doc: "a text, or {file: order.xml} beside the profile, sent as it is", read: readBody},
		{key: "json", form: "{sku: A-1}", is: isAnything, doc: "sent as JSON, with its content type; a placeholder without quotes keeps numbers bare", read: func(v value, q *requestDraft) { q.JSON = v.json() }},
		{key: "form", form: "{q: kettle}", is: isForm(), doc: "fields of a form, with its content type", read: readForm},
		{key: "multipart", form: "[{name: photo, file: cat.jpg}]", is: isList(isMap(partKeys())), doc: "parts of a multipart form, with its content type", read: readMultipart},
		{key: "expect", form: "{status: 200}", is: isMap(expectKeys()), standard: "2xx and 3xx", doc: "what counts as success",
			read: func(v value, q *requestDraft) { decode(v, q, "expect", expectKeys()) }},
		{key: "capture", form: "{cart: json $.id}", is: isCapture(), doc: "values of the answer for the steps after it, as ${cart}: json, header, cookie, regex, status, size or body", read: readCapture},
		{key: "retries", form: "{attempts: 2}", is: isMap(retryKeys()), standard: "the profile's", doc: "as retries of the profile", read: func(v value, q *requestDraft) { q.Retry = readRetry(v) }},
		{key: "async", form: `{done: json $.status == "done"}`, is: isMap(asyncKeys()), doc: "follow the job that was accepted until it is done", read: readAsync},
	}...)
}

func readCookies(v value, q *requestDraft) {
	if keep, ok := v.flag(); ok {
		q.Cookies = &keep
	}
}

func readRequests(v value, p *Profile) {
	items, ok := v.items("begin each request with a dash")
	if !ok {
		return
	}
	if len(items) == 0 {
		v.wrong("there are no requests", "write [{get: /}]")
		return
	}
	drafts := make([]*requestDraft, 0, len(items))
	for _, item := range items {
		v.here = where{scenario: &scenario{}}
		if q := readOne(item, "a request", requestKeys()); q != nil {
			drafts = append(drafts, q)
		}
	}
	v.here = where{}
	if len(drafts) == len(items) {
		v.checkWeights(drafts)
	}
	v.checkNames(drafts, "requests")
	for _, q := range drafts {
		p.Requests = append(p.Requests, q.Request)
	}
}

// readOne reads a request or a step; nil if it is none at all.
func readOne(v value, what string, fields []field[requestDraft]) *requestDraft {
	if text, ok := v.node.(interface{ GetValue() any }); ok && v.kind() == "text" {
		v.wrong(what+" has keys and values", "write "+requestFrom(fmt.Sprint(text.GetValue())))
		return nil
	}
	q := &requestDraft{whole: v.at}
	before := len(v.problems)
	q.at = decode(v, q, what, fields)
	if len(v.problems) == before {
		v.checkRequest(q)
	}
	return q
}

// requestFrom guesses what a request written as text was to be.
func requestFrom(text string) string {
	if strings.HasPrefix(text, "/") {
		return "get: " + printable(text)
	}
	method, path, _ := strings.Cut(text, " ")
	for _, key := range methodKeys {
		if strings.EqualFold(method, key) && strings.HasPrefix(path, "/") {
			return key + ": " + printable(path)
		}
	}
	return "get: /path"
}

// isWay reports whether a key says method or path.
func isWay(key string) bool {
	return key == "method" || key == "path" || slices.Contains(methodKeys, key)
}

// checkRequest looks at the keys of a request together.
func (d *decoder) checkRequest(q *requestDraft) {
	if _, scenario := q.at["steps"]; scenario {
		d.checkScenario(q)
		return
	}
	for _, key := range []string{"cookies", "failed"} {
		if at, said := q.at[key]; said {
			d.fail(at, key+" is for a scenario, a request with steps", "leave it out")
		}
	}
	var ways, bodies []string
	for _, key := range methodKeys {
		if _, ok := q.at[key]; ok {
			ways = append(ways, key)
		}
	}
	methodAt, method := q.at["method"]
	_, path := q.at["path"]
	switch {
	case len(ways) > 1:
		d.fail(q.at[ways[1]], "a request has one method, not "+strings.Join(ways, " and "), "make them two requests")
	case len(ways) == 1 && (method || path):
		d.fail(q.at[ways[0]], ways[0]+" says method and path already", "leave method and path out")
	case len(ways) == 0 && !path:
		d.fail(q.whole, "the request says no path", "add get: /path")
	case len(ways) == 0 && !method:
		d.fail(q.whole, "the request says no method", "write get: in place of path:, or add method: GET")
	case method && q.Method == "CONNECT":
		d.fail(methodAt, "CONNECT opens tunnels and cannot be sent", "")
	}
	for _, key := range bodyKeyNames {
		if _, said := q.at[key]; said {
			bodies = append(bodies, key)
		}
	}
	if len(bodies) > 1 {
		d.fail(q.at[bodies[1]], "a request has a "+strings.Join(bodies, " or a ")+", not both", "leave one out")
	}
	if q.Name == "" && q.Path != "" && q.Method != "" {
		q.Name = q.nameItself()
	}
}

// nameItself is what a request is called that has no name.
func (q *Request) nameItself() string {
	path, _, _ := strings.Cut(q.Path, "?")
	return shortened(q.Method + " " + path)
}

func shortened(name string) string {
	if r := []rune(name); len(r) > maxName {
		return string(r[:maxName-1]) + "…"
	}
	return name
}

func readWeight(v value, q *requestDraft) {
	text, ok := v.scalar()
	if !ok {
		return
	}
	number, percent := strings.CutSuffix(text, "%")
	weight, err := strconv.ParseFloat(number, 64)
	if err != nil || strings.Trim(number, "0123456789.") != "" || number == "" {
		v.wrong(show(text)+" is not a weight", "write a number like 3, or a share like 70%")
		return
	}
	if percent && weight > 100 || weight > 1e6 {
		v.wrong("the weight "+show(text)+" is too large", "write up to 100%, or a number up to 1000000")
		return
	}
	q.Weight, q.share, q.percent = weight, text, percent
}

// checkWeights makes shares mean what they say: if one is in percent, all are,
// and they make 100 %.
func (d *decoder) checkWeights(drafts []*requestDraft) {
	inPercent, sum := 0, 0.0
	for _, q := range drafts {
		if _, said := q.at["weight"]; !said {
			q.Weight, q.share = 1, "1"
		}
		if q.share == "" {
			return // reported already
		}
		if q.percent {
			inPercent++
		}
		sum += q.Weight
	}
	place := func(q *requestDraft) place {
		if at, said := q.at["weight"]; said {
			return at
		}
		return q.whole
	}
	switch {
	case len(drafts) == 0:
	case inPercent > 0 && inPercent < len(drafts):
		for _, q := range drafts {
			if !q.percent {
				d.fail(place(q), "the weight "+q.share+" stands beside shares in %", "write all weights in %, or none")
			}
		}
	case inPercent > 0 && (sum < 99 || sum > 101):
		d.fail(place(drafts[0]), "the weights make "+strconv.FormatFloat(sum, 'f', -1, 64)+"%, not 100%", "change one, or write numbers without % for parts of any sum")
	case sum == 0:
		d.fail(place(drafts[0]), "all weights are 0, so nothing would be sent", "give a request a weight above 0")
	}
}

// checkNames makes each name the name of one of them only.
func (d *decoder) checkNames(drafts []*requestDraft, what string) {
	first := map[string]place{}
	for _, q := range drafts {
		if q.Name == "" {
			continue
		}
		at, named := q.at["name"]
		if !named {
			at = q.whole
		}
		if before, twice := first[q.Name]; twice {
			hint := "give one another name"
			if !named {
				hint = "give one a name:"
			}
			d.fail(at, fmt.Sprintf("two %s are called %s, the first at line %d", what, show(q.Name), before.line), hint)
			continue
		}
		first[q.Name] = at
	}
}

func readMethod(v value, q *requestDraft) {
	text, ok := v.scalar()
	switch {
	case !ok:
	case !isToken(text) || len(text) > 32:
		v.wrong(show(text)+" is not a method", "write GET, POST or another word in capitals")
	case text != strings.ToUpper(text):
		v.wrong("the method "+show(text)+" is not in capitals", "write "+strings.ToUpper(text))
	default:
		q.Method = text
	}
}

func readPath(v value, q *requestDraft) {
	text, ok := v.scalar()
	if !ok {
		return
	}
	t, ok := v.template(text)
	if !ok {
		return
	}
	if len(t.Parts) > 0 && t.Parts[0].Ref != nil {
		v.wrong("the path begins with a placeholder", "write /"+printable(text)+": scheme and host are in target")
		return
	}
	if problem := checkPath(outline(t)); problem != nil {
		v.wrong(problem.Msg, problem.Hint)
		return
	}
	q.Path = text
}

func readStatus(v value, q *requestDraft) {
	items := []value{v}
	if v.kind() == "a list" {
		items, _ = v.items("")
		if len(items) == 0 {
			v.wrong("the list is empty", "write 200, or leave it out")
		}
	}
	for _, item := range items {
		text, ok := item.scalar()
		if !ok {
			continue
		}
		statuses, ok := statusRange(text)
		if !ok {
			item.wrong(show(text)+" is not a status", "write 200, 2xx or 200-299")
			continue
		}
		q.Expect = append(q.Expect, statuses)
	}
}

// statusRange reads 200, 2xx or 200-299.
func statusRange(text string) (StatusRange, bool) {
	if from, ok := statusClass(text); ok {
		return StatusRange{from, from + 99}, true
	}
	first, last, ranged := strings.Cut(text, "-")
	if !ranged {
		last = first
	}
	from, ok1 := status(strings.TrimSpace(first))
	to, ok2 := status(strings.TrimSpace(last))
	return StatusRange{from, to}, ok1 && ok2 && from <= to
}

// statusClass reads 2xx.
func statusClass(text string) (from int, ok bool) {
	if len(text) != 3 || text[1:] != "xx" || text[0] < '1' || text[0] > '5' {
		return 0, false
	}
	return int(text[0]-'0') * 100, true
}

func status(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && len(text) == 3 && n >= 100
}

package profiles

import (
	"bytes"
	"crypto/x509"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"

	"stoke/profiles/feeder"
	"stoke/profiles/grammar"
	"stoke/profiles/template"
)

// The bounds of the files that a profile names, in bytes. That of a file of
// values is [feeder.MaxFile].
const (
	MaxCA     = 4 << 20  // of certificates
	MaxBody   = 64 << 20 // of a body, a part of one, or recorded arrivals
	MaxSecret = 64 << 10 // of ${file.token}
)

// Files is what the files and variables hold that a profile names. A run reads
// it only, so any number of goroutines may.
type Files struct {
	CA        []byte // PEM text of the certificates to trust besides the system's
	Cert, Key []byte // PEM text of the client's certificate and its key
	Socket    string // path of the unix socket to connect to

	Tables   map[string]*feeder.Table // by the name of the data
	Bodies   map[string][]byte        // by the name of the file: of Request.BodyFile and Part.File
	Arrivals map[string][]byte        // by the name of the file: of the phases that replay one
	Secrets  map[string]string        // by the placeholder's Text, as env.TOKEN or file.token; not to be shown
}

// ReadFiles reads the files that the profile names, and the variables. It opens
// only regular files in the directory of the profile or below it, or of the
// working directory for a profile that is no file; links out of it are not
// followed. An example has its files built in. Every column that a placeholder
// names is then there. Its error is a [*Problems], or a [*Problem] for what
// connections need.
func (p *Profile) ReadFiles() (Files, error) { return p.ReadFilesWith(os.LookupEnv) }

// ReadFilesWith is [Profile.ReadFiles] with the variables that lookup knows in
// place of the environment's.
func (p *Profile) ReadFilesWith(lookup func(name string) (value string, set bool)) (Files, error) {
	b := besideOf(p.Origin)
	defer b.close()
	f, err := p.connectionFiles(b)
	if err != nil {
		return Files{}, err
	}
	r := &filesReader{beside: b, profile: p, lookup: lookup, mentions: slices.Clone(p.Mentions), files: &f, failed: map[string]bool{}}
	r.readTables()
	eachFile(p.Requests, func(name string) { r.keep(&f.Bodies, name) })
	for _, phase := range p.Phases {
		if phase.Verb == grammar.Rate {
			r.mentions = append(r.mentions, Mention{phase.Name, phase.Line, phase.Column})
			r.keep(&f.Arrivals, phase.Name)
			r.checkArrivals(phase.Name)
		}
	}
	eachTemplate(p, r.look)
	if len(r.problems) > 0 {
		return Files{}, &Problems{File: p.Origin, List: sorted(r.problems)}
	}
	return f, nil
}

// connectionFiles reads what connections to the target need.
func (p *Profile) connectionFiles(b *beside) (f Files, err error) {
	if f.CA, err = p.readCA(b); err != nil {
		return Files{}, err
	}
	for _, file := range []struct {
		key, name string
		into      *[]byte
	}{{"tls.cert", p.TLS.Cert, &f.Cert}, {"tls.key", p.TLS.Key, &f.Key}} {
		if file.name == "" {
			continue
		}
		if *file.into, err = b.read(file.name, MaxCA); err != nil {
			return Files{}, unreadable("reading "+file.key+" "+show(file.name), err, "name a PEM file in the profile's directory")
		}
	}
	if p.UnixSocket != "" {
		if f.Socket, err = b.socket(p.UnixSocket); err != nil {
			return Files{}, unreadable("unix-socket "+show(p.UnixSocket), err, "name a socket in the profile's directory, or give --unix-socket")
		}
	}
	return f, nil
}

// ReadCA returns the PEM text that tls.ca names, or nil if it names none, by
// the rules of [Profile.ReadFiles].
func (p *Profile) ReadCA() ([]byte, error) {
	b := besideOf(p.Origin)
	defer b.close()
	return p.readCA(b)
}

func (p *Profile) readCA(b *beside) ([]byte, error) {
	if p.TLS.CA == "" {
		return nil, nil
	}
	data, err := b.read(p.TLS.CA, MaxCA)
	if err == nil && !x509.NewCertPool().AppendCertsFromPEM(data) {
		err = errors.New("no certificate in it: a PEM file begins with -----BEGIN CERTIFICATE-----")
	}
	if err != nil {
		return nil, unreadable("reading tls.ca "+show(p.TLS.CA), err, "name a PEM file in the profile's directory")
	}
	return data, nil
}

// filesReader reads the files of one profile and keeps all that is wrong with
// them.
type filesReader struct {
	*beside
	profile  *Profile
	lookup   func(name string) (value string, set bool)
	mentions []Mention
	files    *Files
	problems []Problem
	failed   map[string]bool // what was reported, by its text
}

// fail reports what is wrong at every place that names it.
func (r *filesReader) fail(mention, msg, hint string) {
	if r.failed[mention] {
		return
	}
	r.failed[mention] = true
	found := false
	for _, m := range r.mentions {
		if m.Text == mention {
			r.problems = append(r.problems, Problem{Line: m.Line, Column: m.Column, Msg: msg, Hint: hint})
			found = true
		}
	}
	if !found {
		r.problems = append(r.problems, Problem{Msg: msg, Hint: hint})
	}
}

func (r *filesReader) readTables() {
	for _, d := range r.profile.Data {
		data, err := r.read(d.File, feeder.MaxFile)
		if err != nil {
			r.fail(d.File, "reading the data "+printable(d.Name)+": "+printable(err.Error()), "name a file in the profile's directory")
			continue
		}
		table, err := feeder.Read(d.File, bytes.NewReader(data))
		if err != nil {
			r.fail(d.File, r.inData(d.File, err), hintOf(err))
			continue
		}
		if r.files.Tables == nil {
			r.files.Tables = map[string]*feeder.Table{}
		}
		r.files.Tables[d.Name] = table
	}
}

// inData says what is wrong with a file of values, with its line.
func (r *filesReader) inData(file string, err error) string {
	where := printable(file)
	var e *feeder.Error
	if errors.As(err, &e) {
		if e.Line > 0 {
			where += ":" + strconv.Itoa(e.Line)
		}
		return where + ": " + printable(e.Msg)
	}
	return where + ": " + printable(err.Error())
}

func hintOf(err error) string {
	var e *feeder.Error
	if errors.As(err, &e) {
		return printable(e.Hint)
	}
	return ""
}

// keep reads a file into a map by its name, once.
func (r *filesReader) keep(into *map[string][]byte, name string) {
	if _, known := (*into)[name]; known || name == "" {
		return
	}
	data, err := r.read(name, MaxBody)
	if err != nil {
		r.fail(name, "reading "+show(name)+": "+printable(err.Error()), "name a file in the profile's directory")
		return
	}
	if *into == nil {
		*into = map[string][]byte{}
	}
	(*into)[name] = data
}

// look finds what the placeholders of a text need.
func (r *filesReader) look(text string) {
	t, err := template.Parse(text)
	if err != nil {
		r.fail(text, printable(err.Error()), "")
		return
	}
	for _, part := range t.Refs() {
		switch ref := part.Ref; ref.Kind {
		case template.Column:
			r.checkColumn(ref)
		case template.Env:
			value, set := r.lookup(ref.Arg)
			if !set {
				r.fail(ref.Text, "the environment variable "+printable(ref.Arg)+" is not set", "export "+printable(ref.Arg)+"=…")
				continue
			}
			r.keepSecret(ref.Text, value)
		case template.File:
			if _, known := r.files.Secrets[ref.Text]; known {
				continue
			}
			data, err := r.read(ref.Arg, MaxSecret)
			if err != nil {
				r.fail(ref.Text, "reading the secret "+show(ref.Arg)+": "+printable(err.Error()), "name a file in the profile's directory")
				continue
			}
			r.keepSecret(ref.Text, strings.TrimRight(string(data), "\r\n")) // an editor's last line end
		}
	}
}

func (r *filesReader) keepSecret(text, value string) {
	if r.files.Secrets == nil {
		r.files.Secrets = map[string]string{}
	}
	r.files.Secrets[text] = value
}

func (r *filesReader) checkColumn(ref *template.Ref) {
	table, ok := r.files.Tables[ref.Name]
	if !ok || table.Column(ref.Arg) >= 0 {
		return // a file that cannot be read was reported already
	}
	hint := "it has " + strings.Join(table.Columns, ", ")
	if near := grammar.Nearest(ref.Arg, table.Columns); near != "" {
		hint = "did you mean ${" + ref.Name + "." + near + "}?"
	}
	r.fail(ref.Text, "the data "+ref.Name+" has no column "+show(ref.Arg), printable(hint))
}

// eachFile calls do with the name of every file that a request sends.
func eachFile(requests []Request, do func(name string)) {
	for i := range requests {
		q := &requests[i]
		do(q.BodyFile)
		for _, part := range q.Multipart {
			do(part.File)
		}
		eachFile(q.Steps, do)
	}
}

// eachTemplate calls do with every text of the profile in which placeholders
// are filled in.
func eachTemplate(p *Profile, do func(text string)) {
	headers := func(list []Header) {
		for _, h := range list {
			do(h.Value)
		}
	}
	headers(p.Headers)
	var each func(requests []Request)
	each = func(requests []Request) {
		for i := range requests {
			q := &requests[i]
			do(q.Path)
			headers(q.Headers)
			do(q.Body)
			do(q.JSON)
			headers(q.Form)
			for _, part := range q.Multipart {
				do(part.Value)
			}
			if q.Async != nil {
				do(q.Async.Poll)
				headers(q.Async.Headers)
			}
			each(q.Steps)
		}
	}
	each(p.Requests)
}

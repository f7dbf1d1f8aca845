package template

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/brianvoe/gofakeit/v7/data"
)

// fakeNames are what can be asked of a made-up person.
var fakeNames = [...]string{
	"email", "name", "first", "last", "username", "phone", "birthdate",
	"address", "street", "city", "state", "zip", "country",
	"company", "job", "domain", "url", "ip", "ipv6", "word", "sentence",
}

// FakeNames are the words behind "fake.", in the order to show them.
func FakeNames() []string { return slices.Clone(fakeNames[:]) }

// Names that RFC 2606 and RFC 6761 keep from ever being given to anybody.
var mailDomains = [...]string{"example.com", "example.net", "example.org"}

// areaCodes are of North America; with 555-01xx behind one, a number is given
// to nobody.
var areaCodes = [...]string{"202", "206", "212", "303", "312", "404", "415", "503", "512", "617", "702", "808"}

// documentation are the networks of RFC 5737, each of 256 addresses.
var documentation = [...]string{"192.0.2.", "198.51.100.", "203.0.113."}

// words are the lists that people are made up from.
var words = struct{ first, last, street, place, state, country, firm, job, lorem []string }{
	data.Person["first"], data.Person["last"], data.Address["street_name"], data.Address["street_suffix"],
	data.Address["state_abr"], data.Address["country"], data.Company["suffix"], data.Job["title"], data.Lorem["word"],
}

// appendFake writes what is asked of the made-up person that rng leads to.
// Whatever is asked, the whole person is drawn, in one order, so all that is
// asked of one fits together. seq keeps the names of accounts apart: within a
// run no two are the same.
func appendFake(dst []byte, what string, rng *rand.Rand, seq int64) []byte {
	of := func(list []string) string { return list[rng.IntN(len(list))] }
	first, last := of(words.first), of(words.last)
	mail := of(mailDomains[:])
	area, line := of(areaCodes[:]), rng.Int64N(100)
	born := time.Date(1945, time.January, 1+rng.IntN(60*365), 0, 0, 0, 0, time.UTC)
	house, street, kind := 1+rng.Int64N(9999), of(words.last), of(words.street)
	founder, place, state, zip := of(words.last), of(words.place), of(words.state), rng.Int64N(100_000)
	country := of(words.country)
	owner, firm, job := of(words.last), of(words.firm), of(words.job)
	network, host, host6 := of(documentation[:]), 1+rng.Int64N(254), rng.Uint64N(1<<32)

	switch what {
	case "email":
		dst = append(appendLetters(dst, first), '.')
		dst = append(appendLetters(dst, last), '.')
		dst = append(strconv.AppendInt(dst, seq, 10), '@')
		return append(dst, mail...)
	case "name":
		return join(dst, first, " ", last)
	case "first":
		return append(dst, first...)
	case "last":
		return append(dst, last...)
	case "username":
		return strconv.AppendInt(appendLetters(appendLetters(dst, first), last), seq, 10)
	case "phone":
		return appendDigits(join(dst, "+1-", area, "-555-01"), line, 2)
	case "birthdate":
		return born.AppendFormat(dst, time.DateOnly)
	case "street":
		return join(strconv.AppendInt(dst, house, 10), " ", street, " ", kind)
	case "city":
		return join(dst, founder, place)
	case "state":
		return append(dst, state...)
	case "zip":
		return appendDigits(dst, zip, 5)
	case "address":
		dst = join(strconv.AppendInt(dst, house, 10), " ", street, " ", kind, ", ", founder, place, ", ", state, " ")
		return appendDigits(dst, zip, 5)
	case "country":
		return append(dst, country...)
	case "company":
		return join(dst, owner, " ", firm)
	case "job":
		return append(dst, job...)
	case "domain":
		return append(appendLetters(dst, owner), ".example"...)
	case "url":
		return append(appendLetters(append(dst, "https://www."...), owner), ".example/"...)
	case "ip":
		return strconv.AppendInt(append(dst, network...), host, 10)
	case "ipv6":
		dst = strconv.AppendUint(append(dst, "2001:db8::"...), host6>>16, 16)
		return strconv.AppendUint(append(dst, ':'), host6&0xffff, 16)
	case "word":
		return append(dst, of(words.lorem)...)
	case "sentence":
		start := len(dst)
		for i := range 6 + rng.IntN(7) {
			if i > 0 {
				dst = append(dst, ' ')
			}
			dst = append(dst, of(words.lorem)...)
		}
		if c := dst[start]; 'a' <= c && c <= 'z' {
			dst[start] = c - 'a' + 'A'
		}
		return append(dst, '.')
	}
	return dst
}

// join appends texts.
func join(dst []byte, texts ...string) []byte {
	for _, t := range texts {
		dst = append(dst, t...)
	}
	return dst
}

// appendLetters appends the ASCII letters of a name, small, which may stand in
// any address.
func appendLetters(dst []byte, name string) []byte {
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z':
			dst = append(dst, c)
		case 'A' <= c && c <= 'Z':
			dst = append(dst, c-'A'+'a')
		}
	}
	return dst
}

// appendDigits appends n with zeros before it, width digits in all.
func appendDigits(dst []byte, n int64, width int) []byte {
	power := int64(1)
	for range width - 1 {
		power *= 10
	}
	for ; power > 0; power /= 10 {
		dst = append(dst, '0'+byte(n/power%10))
	}
	return dst
}

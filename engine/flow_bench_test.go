package engine

import (
	"bytes"
	"context"
	"testing"

	"stoke/profiles"
	"stoke/profiles/feeder"
)

// BenchmarkPlaceholders makes a request with three placeholders ready to be
// sent: a column, the running number and a number drawn at random.
func BenchmarkPlaceholders(b *testing.B) {
	table, err := feeder.Read("users.csv", bytes.NewReader([]byte("name\nann\nbob\ncyd\n")))
	if err != nil {
		b.Fatal(err)
	}
	p := flowProfile(b, "rate 10", profiles.Request{Name: "one", Method: "POST", Path: "/users/${users.name}", JSON: `{"n":"${seq}","q":${rand.int 1 9}}`})
	p.Data = []profiles.Data{{Name: "users", File: "users.csv", Order: feeder.Random}}
	r, err := New(context.Background(), Options{Profile: p, Transport: newShop(b, nil), NoHealth: true, Seed: 1,
		Files: profiles.Files{Tables: map[string]*feeder.Table{"users": table}}})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	tk := ticket{}
	for b.Loop() {
		tk.seq++
		tk.flow = nil
		if r.load(&tk) == nil {
			b.Fatal("it cannot be sent")
		}
		tk.flow.release()
	}
}

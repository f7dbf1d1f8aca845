package profiles

import (
	"fmt"

	"stoke/profiles/feeder"
)

// maxData bounds how many files of values a profile may name.
const maxData = 100

func dataKeys() []field[Data] {
	return []field[Data]{
		{key: "file", form: "products.csv", is: isFile, required: true, doc: "CSV with a header line, or NDJSON (.ndjson, .jsonl), beside the profile",
			read: func(v value, d *Data) { readFileName(v, "the file of values", &d.File) }},
		{key: "order", form: "random", is: isOneOf(orders()...), standard: "sequential", doc: "which row a start gets: sequential and from the top again; random; unique, each once, then the run ends",
			read: func(v value, d *Data) {
				var order string
				readChoice(v, &order, orders()...)
				d.Order = feeder.Order(order)
			}},
	}
}

func orders() []string {
	return []string{string(feeder.Sequential), string(feeder.Random), string(feeder.Unique)}
}

// readData reads the files of values: name: file.csv, or name: {file: …}.
func readData(v value, p *Profile) {
	entries, ok := v.entries("write products: products.csv")
	switch {
	case !ok:
		return
	case len(entries) == 0:
		v.wrong("there is no data", "write {products: products.csv}, or leave it out")
	case len(entries) > maxData:
		v.wrong(fmt.Sprintf("more than %d files of values", maxData), "")
		return
	}
	for _, e := range entries {
		v.readName(e, "data") // kept all the same: its placeholders are no mistake of their own
		d := Data{Name: e.key, Order: feeder.Sequential}
		if e.value.kind() == "a map" {
			at := decode(e.value, &d, "data", dataKeys())
			if _, given := at["file"]; !given {
				v.fail(e.at, "the data "+show(e.key)+" says no file", "add file: "+printable(e.key)+".csv")
			}
		} else if !e.value.isNull() {
			readFileName(e.value, "the file of values", &d.File)
		} else {
			v.fail(e.at, e.key+" has no value", "write "+printable(e.key)+": "+printable(e.key)+".csv")
		}
		p.Data = append(p.Data, d)
	}
}

// readFileName reads the name of a file beside the profile that is read before
// a run starts.
func readFileName(v value, what string, into *string) {
	readBesidePath(v, what, "", into)
	if *into != "" {
		v.mention(*into, v.at)
	}
}

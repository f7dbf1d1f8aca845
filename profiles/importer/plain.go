package importer

import (
	"bufio"
	"compress/gzip"
	"io"
)

// Plain returns a reader of what r holds, decompressed if it is gzip. It reads
// nothing before its own first read.
func Plain(r io.Reader) io.Reader { return &plainReader{from: r} }

type plainReader struct {
	from, r io.Reader
	err     error // why there is nothing to read; for good
}

func (p *plainReader) Read(b []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	if p.r == nil {
		buffered := bufio.NewReaderSize(p.from, 64<<10)
		p.r = buffered
		if magic, _ := buffered.Peek(2); len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b {
			z, err := gzip.NewReader(buffered)
			if err != nil {
				p.err = err
				return 0, err
			}
			p.r = z
		}
	}
	return p.r.Read(b)
}

package wire

import (
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

var _ = x509.NewCertPool

func TestSmoke(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if r.URL.Path == "/big" {
			for range 100 {
				w.Write(make([]byte, 10000))
			}
			return
		}
		io.WriteString(w, "hello "+r.Header.Get("X-Seq"))
	})
	for _, sec := range []bool{false, true} {
		for _, portable := range []bool{false, true} {
			srv := httptest.NewUnstartedServer(h)
			if sec {
				srv.StartTLS()
			} else {
				srv.Start()
			}
			cfg := Config{Epoch: time.Now(), Target: srv.URL}
			if sec {
				cfg.CA = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
			}
			tr, err := NewHTTP1(cfg)
			if err != nil {
				t.Fatal(err)
			}
			tr.portable = portable
			for _, spec := range []Spec{{Path: "/x"}, {Path: "/big"}, {Method: "POST", Path: "/", Body: make([]byte, 1000000)}, {Method: "HEAD"}} {
				req, err := tr.Compile(spec, "X-Seq")
				if err != nil {
					t.Fatal(err)
				}
				c := tr.Conn(nil)
				var res Result
				for i := range 3 {
					c.Do(req, int64(i), &res)
					t.Logf("%v %v %+v", sec, portable, res)
					if res.Fault != None || res.Status != 200 {
						t.Error("bad")
					}
				}
				c.Close()
			}
			srv.Close()
		}
	}
}

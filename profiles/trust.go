package profiles

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// MaxCA bounds a file of certificates, in bytes.
const MaxCA = 4 << 20

// ReadCA returns the PEM text that tls.ca names, or nil if it names none. It
// opens only a regular file in the directory of the profile or below it, or of
// the working directory for a profile that is no file; links out of it are not
// followed. Its error is a [*Problem].
func (p *Profile) ReadCA() ([]byte, error) {
	if p.TLS.CA == "" {
		return nil, nil
	}
	data, err := readBeside(p.Origin, p.TLS.CA)
	if err == nil && !x509.NewCertPool().AppendCertsFromPEM(data) {
		err = errors.New("no certificate in it: a PEM file begins with -----BEGIN CERTIFICATE-----")
	}
	if err != nil {
		return nil, unreadable("reading tls.ca "+show(p.TLS.CA), err, "name a PEM file in the profile's directory")
	}
	return data, nil
}

func readBeside(origin, name string) ([]byte, error) {
	dir := "."
	if strings.ContainsRune(origin, filepath.Separator) || isProfileFile(origin) {
		dir = filepath.Dir(origin)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file") // opening a pipe would wait
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxCA+1))
	if err == nil && len(data) > MaxCA {
		err = fmt.Errorf("larger than %d MiB", MaxCA>>20)
	}
	return data, err
}

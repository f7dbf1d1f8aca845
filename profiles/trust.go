package profiles

import (
	"stoke/profiles/feeder"

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

// Files is what a profile's files hold that its connections need.
type Files struct {
	CA        []byte // PEM text of the certificates to trust besides the system's
	Cert, Key []byte // PEM text of the client's certificate and its key
	Socket    string // path of the unix socket to connect to

	Tables  map[string]*feeder.Table // by the name of the data
	Bodies  map[string][]byte        // of requests and their parts, by the file's name in the profile
	Secrets map[string]string        // by the text of the placeholder: env.TOKEN, file.token
}

// ReadFiles reads the files that the profile names. It opens only regular files
// in the directory of the profile or below it, or of the working directory for
// a profile that is no file; links out of it are not followed. Its error is a
// [*Problem].
func (p *Profile) ReadFiles() (Files, error) {
	var f Files
	var err error
	if f.CA, err = p.ReadCA(); err != nil {
		return Files{}, err
	}
	for _, file := range []struct {
		key, name string
		into      *[]byte
	}{{"tls.cert", p.TLS.Cert, &f.Cert}, {"tls.key", p.TLS.Key, &f.Key}} {
		if file.name == "" {
			continue
		}
		if *file.into, err = readBeside(p.Origin, file.name); err != nil {
			return Files{}, unreadable("reading "+file.key+" "+show(file.name), err, "name a PEM file in the profile's directory")
		}
	}
	if p.UnixSocket != "" {
		if f.Socket, err = socketBeside(p.Origin, p.UnixSocket); err != nil {
			return Files{}, unreadable("unix-socket "+show(p.UnixSocket), err, "name a socket in the profile's directory, or give --unix-socket")
		}
	}
	return f, nil
}

// ReadCA returns the PEM text that tls.ca names, or nil if it names none, by
// the rules of [Profile.ReadFiles].
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

// dirOf is the directory beside a profile.
func dirOf(origin string) string {
	if strings.ContainsRune(origin, filepath.Separator) || isProfileFile(origin) {
		return filepath.Dir(origin)
	}
	return "."
}

// socketBeside is the path of a socket beside a profile. A link is not
// followed: the connection is made by name later on.
func socketBeside(origin, name string) (string, error) {
	root, err := os.OpenRoot(dirOf(origin))
	if err != nil {
		return "", err
	}
	defer root.Close()
	info, err := root.Lstat(name)
	if err != nil {
		return "", err
	}
	if info.Mode().Type() != os.ModeSocket {
		return "", errors.New("not a socket")
	}
	return filepath.Join(dirOf(origin), name), nil
}

func readBeside(origin, name string) ([]byte, error) {
	root, err := os.OpenRoot(dirOf(origin))
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

package profiles

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"stoke/profiles/examples"
)

// beside opens files beside a profile: in its directory or below it, or among
// what an example has built in. The directory is opened by the first of them.
type beside struct {
	dir      string
	root     *os.Root // of dir, once it is open
	examples fs.FS    // in place of dir
}

// besideOf is what stands beside a profile with that origin. It is closed by
// its owner.
func besideOf(origin string) *beside {
	if _, example := examples.Text(origin); example {
		return &beside{examples: examples.Files()}
	}
	if strings.ContainsRune(origin, filepath.Separator) || isProfileFile(origin) {
		return &beside{dir: filepath.Dir(origin)}
	}
	return &beside{dir: "."}
}

func (b *beside) close() {
	if b.root != nil {
		b.root.Close()
	}
}

// open opens the directory.
func (b *beside) open() (err error) {
	if b.root == nil {
		b.root, err = os.OpenRoot(b.dir)
	}
	return err
}

// socket is the path of a socket. A link is not followed: the connection is
// made by name later on.
func (b *beside) socket(name string) (string, error) {
	if b.examples != nil {
		return "", errors.New("an example has no socket")
	}
	if err := b.open(); err != nil {
		return "", err
	}
	info, err := b.root.Lstat(name)
	if err != nil {
		return "", reason(err)
	}
	if info.Mode().Type() != os.ModeSocket {
		return "", errors.New("not a socket")
	}
	return filepath.Join(b.dir, name), nil
}

// read reads a regular file of at most so many bytes.
func (b *beside) read(name string, most int64) ([]byte, error) {
	if b.examples != nil {
		data, err := fs.ReadFile(b.examples, filepath.ToSlash(filepath.Clean(name)))
		return data, reason(err)
	}
	if err := b.open(); err != nil {
		return nil, err
	}
	info, err := b.root.Stat(name)
	if err != nil {
		return nil, reason(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file") // opening a pipe would wait
	}
	f, err := b.root.Open(name)
	if err != nil {
		return nil, reason(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		err = errors.New("larger than " + sizeText(most))
	}
	return data, reason(err)
}

// sizeText writes a bound in bytes.
func sizeText(n int64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}

// reason is what is wrong with a file, without the system call that found out
// and the name of the file, which stands in the message already.
func reason(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

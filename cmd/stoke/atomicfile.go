package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// resultFile is where a run's JSON goes. It is opened before the run, so that a
// wrong path is a mistake before the load and not a lost result after it.
type resultFile struct {
	path string   // "-" for standard output
	temp *os.File // beside path, renamed onto it when complete; nil for "-"
	out  io.Writer
}

// openResult prepares to write to path, or to out if path is "-".
func openResult(path string, out io.Writer) (*resultFile, error) {
	if path == "-" {
		return &resultFile{path: path, out: out}, nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, &usageError{msg: fmt.Sprintf("--json %s: it is a directory", path), hint: "name a file in it"}
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, &usageError{msg: fmt.Sprintf("--json %s: %v", path, unwrapPath(err)), hint: "the directory must exist and be writable"}
	}
	return &resultFile{path: path, temp: temp, out: temp}, nil
}

// write writes the result and makes it appear whole under its name.
func (f *resultFile) write(data []byte) error {
	if f.temp == nil {
		if _, err := f.out.Write(data); err != nil {
			return fmt.Errorf("writing the result: %w", err)
		}
		return nil
	}
	temp := f.temp
	f.temp = nil
	if err := replaceBy(temp, f.path, data, 0o644); err != nil {
		return fmt.Errorf("writing %s: %w", f.path, err)
	}
	return nil
}

// replaceBy writes data to temp and renames it onto path, so that a reader sees
// the old content or the new, never a part. It closes temp, and removes it if
// something fails.
func replaceBy(temp *os.File, path string, data []byte, mode os.FileMode) error {
	err := fill(temp, data, mode)
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		os.Remove(temp.Name())
	}
	return err
}

// fill writes data to temp and closes it.
func fill(temp *os.File, data []byte, mode os.FileMode) error {
	_, err := temp.Write(data)
	if err == nil {
		err = temp.Chmod(mode)
	}
	if err == nil {
		err = temp.Sync()
	}
	if closed := temp.Close(); err == nil {
		err = closed
	}
	return err
}

// discard removes what was prepared and not written. It may be called at any
// time and on nil.
func (f *resultFile) discard() {
	if f != nil && f.temp != nil {
		f.temp.Close()
		os.Remove(f.temp.Name())
		f.temp = nil
	}
}

// writeWhole writes a small file by [replaceBy].
func writeWhole(path string, data []byte, mode os.FileMode) error {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	return replaceBy(temp, path, data, mode)
}

// writeAll writes files that belong together: none is replaced before all are
// on the disk, so that what cannot be written leaves everything as it was. It
// returns the path of the file that failed.
func writeAll(paths []string, data [][]byte, mode os.FileMode) (failed string, err error) {
	var temps []string
	defer func() {
		for _, name := range temps {
			os.Remove(name) // fails for those that have their names
		}
	}()
	for i, path := range paths {
		temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
		if err != nil {
			return path, err
		}
		temps = append(temps, temp.Name())
		if err := fill(temp, data[i], mode); err != nil {
			return path, err
		}
	}
	for i, path := range paths {
		if err := os.Rename(temps[i], path); err != nil {
			return path, err
		}
	}
	return "", nil
}

// unwrapPath takes the temporary name out of a path error: the user never
// typed it.
func unwrapPath(err error) error {
	switch e := err.(type) {
	case *os.PathError:
		return e.Err
	case *os.LinkError:
		return e.Err
	}
	return err
}

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"stoke/profiles"
)

// confirmations is the file that remembers which profile may load which host.
// Version 1 of its format.
type confirmations struct {
	Stoke     int            `json:"stoke"`
	Confirmed []confirmation `json:"confirmed"`
}

// confirmation is one host that was typed for one profile.
type confirmation struct {
	Profile string    `json:"profile"`
	Host    string    `json:"host"`
	At      time.Time `json:"at"`
}

// consent knows whether a target may be loaded, and keeps the answer.
type consent struct {
	path    string
	profile string
	host    string
}

// consentFor returns nil if the profile's target needs none: it is this machine.
func (a *app) consentFor(p *profiles.Profile) (*consent, error) {
	if local(p) {
		return nil, nil
	}
	dir, err := a.stateDir()
	if err != nil {
		return nil, err
	}
	return &consent{path: filepath.Join(dir, "confirmed.json"), profile: p.Name, host: hostName(p)}, nil
}

// read returns what was confirmed before. A file that cannot be understood
// confirms nothing.
func (c *consent) read() confirmations {
	known := confirmations{Stoke: 1}
	data, err := os.ReadFile(c.path)
	if err != nil {
		return known
	}
	var read confirmations
	if json.Unmarshal(data, &read) != nil || read.Stoke != 1 {
		return known
	}
	return read
}

// given reports whether the host was confirmed for this profile before.
func (c *consent) given() bool {
	return slices.ContainsFunc(c.read().Confirmed, func(k confirmation) bool {
		return k.Profile == c.profile && k.Host == c.host
	})
}

// keep remembers that the host was typed.
func (c *consent) keep() error {
	all := c.read()
	all.Confirmed = append(all.Confirmed, confirmation{Profile: c.profile, Host: c.host, At: time.Now().UTC().Truncate(time.Second)})
	data, err := json.MarshalIndent(all, "", "  ")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(c.path), 0o700)
	}
	if err == nil {
		err = writeWhole(c.path, append(data, '\n'), 0o600)
	}
	if err != nil {
		return fmt.Errorf("remembering the confirmation: %w", err)
	}
	return nil
}

// byFlag checks what --confirm-target says; an empty one decides nothing.
func (c *consent) byFlag(said string) (ok bool, err error) {
	switch {
	case said == "":
		return false, nil
	case hostText(said) == c.host:
		return true, nil
	}
	return false, &unconfirmedError{host: c.host, said: said}
}

// ask asks on plain lines until the host is typed or the input ends.
func (a *app) ask(c *consent, in *bufio.Scanner) error {
	fmt.Fprintf(a.err, "%s is not this machine. Type its name to confirm that it may be loaded: ", c.host)
	for in.Scan() {
		said := strings.TrimSpace(in.Text())
		if hostText(said) == c.host {
			if err := c.keep(); err != nil {
				fmt.Fprintf(a.err, "stoke: %v: you will be asked again\n", err)
			}
			return nil
		}
		if said == "" {
			break
		}
		fmt.Fprintf(a.err, "that is not %s. Type it, or nothing to leave: ", c.host)
	}
	fmt.Fprintln(a.err)
	return &unconfirmedError{host: c.host}
}

package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"stoke/tui/theme"
)

// lookFlags say how a picture in the terminal looks.
type lookFlags struct {
	theme          string
	ascii, noColor bool
}

// themeVariable chooses the theme where no flag does.
const themeVariable = "STOKE_THEME"

func (f *lookFlags) addLook(fs *pflag.FlagSet) {
	fs.StringVar(&f.theme, "theme", "", "colours: "+strings.Join(theme.Names(), ", ")+" (default: "+themeVariable+", else "+theme.Names()[0]+")")
	fs.BoolVar(&f.ascii, "ascii", false, "draw with plain characters only: neither braille nor boxes")
	fs.BoolVar(&f.noColor, "no-color", false, "no colours, as with NO_COLOR")
	placeholder(fs.Lookup("theme"), "NAME")
}

// look is the theme that a flag or the environment names.
func (f *lookFlags) look(getenv func(string) string) (*theme.Theme, error) {
	name, from := f.theme, "--theme"
	if name == "" {
		name, from = getenv(themeVariable), themeVariable
	}
	t, err := theme.New(name)
	if err != nil {
		return nil, &usageError{msg: fmt.Sprintf("%s: %v", from, err), hint: "stoke demo --theme " + theme.Names()[0] + " shows one"}
	}
	return t, nil
}

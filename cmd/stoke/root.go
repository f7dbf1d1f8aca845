package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"stoke/profiles/grammar"
)

// execute runs one command line and returns the exit code.
func (a *app) execute(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	return report(a.err, root.ExecuteContext(ctx))
}

// root is the command without a subcommand: it says what there is.
func (a *app) root() *cobra.Command {
	var look lookFlags
	root := &cobra.Command{
		Use:   "stoke",
		Short: "A terminal cockpit for load testing",
		Long: `Stoke is a terminal cockpit for load testing: open a traffic profile, drive
rate and concurrency while it runs, and see what the target makes of it.

Try it now, nothing to set up:   stoke demo`,
		Args:          cobra.ArbitraryArgs,
		SilenceErrors: true, // exit.go tells
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			if !a.dumb() {
				return a.opening(cmd.Context(), &look)
			}
			if err := cmd.Help(); err != nil {
				return err
			}
			fmt.Fprintln(a.out)
			return a.listProfiles()
		},
	}
	look.addLook(root.Flags())
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(a.runCommand(), a.demoCommand(), a.checkCommand(), a.importCommand(), a.profilesCommand(), a.targetCommand(), a.versionCommand())
	return root
}

// unknownCommand says what was probably meant.
func unknownCommand(cmd *cobra.Command, name string) error {
	var known []string
	for _, c := range cmd.Commands() {
		if !c.Hidden {
			known = append(known, c.Name())
		}
	}
	e := &usageError{msg: fmt.Sprintf("there is no command %q", name), hint: "there are: " + strings.Join(known, ", ")}
	switch near := grammar.Nearest(name, known); {
	case near != "":
		e.hint = "did you mean: stoke " + near
	case strings.Contains(name, "://"):
		e.hint = "did you mean: stoke run " + name
	}
	return e
}

// flagError puts what cobra says about a flag into our words.
func flagError(cmd *cobra.Command, err error) error {
	if errors.Is(err, pflag.ErrHelp) {
		return err
	}
	help := cmd.CommandPath() + " --help lists the flags"
	var value *pflag.InvalidValueError
	var unknown *pflag.NotExistError
	switch {
	case errors.As(err, &value):
		reason := value.Unwrap()
		if strings.Contains(reason.Error(), "strconv.") {
			reason = fmt.Errorf("%q is not a %s", value.GetValue(), numberKind(value.GetFlag()))
		}
		return &usageError{msg: fmt.Sprintf("--%s: %v", value.GetFlag().Name, reason), hint: help}
	case errors.As(err, &unknown):
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
		name := unknown.GetSpecifiedName()
		if near := grammar.Nearest(name, known); near != "" && len(name) > 1 {
			help = "did you mean --" + near + "?"
		}
	}
	return &usageError{msg: err.Error(), hint: help}
}

// numberKind is what a flag of a plain Go type takes.
func numberKind(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "bool":
		return "choice: true or false"
	case "N":
		return "whole number"
	}
	return f.Value.Type()
}

// exactly demands n arguments and says which.
func exactly(n int, usage string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		msg := fmt.Sprintf("%s takes no argument, not %q", cmd.CommandPath(), strings.Join(args, " "))
		if n > 0 {
			msg = fmt.Sprintf("%s takes %s, not %s", cmd.CommandPath(), plural(n, "argument"), plural(len(args), "argument"))
		}
		return &usageError{msg: msg, hint: usage}
	}
}

// placeholder gives the value of a flag of a plain type a name in the help.
func placeholder(f *pflag.Flag, name string) { f.Value = namedValue{f.Value, name} }

// namedValue is a flag's value under another name of its type.
type namedValue struct {
	pflag.Value
	name string
}

// Type implements pflag.Value.
func (v namedValue) Type() string { return v.name }

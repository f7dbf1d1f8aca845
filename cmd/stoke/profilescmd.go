package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"stoke/profiles"
)

// profilesCommand lists the saved profiles.
func (a *app) profilesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "profiles",
		Short: "List the saved profiles",
		Args:  exactly(0, "stoke profiles"),
		RunE:  func(*cobra.Command, []string) error { return a.listProfiles() },
	}
}

// listProfiles prints the saved profiles, broken ones too, the examples, and
// where to save.
func (a *app) listProfiles() error {
	dir, err := profiles.Dir()
	if err != nil {
		return err
	}
	all, err := profiles.Library{Dir: dir}.List()
	if err != nil {
		return err
	}
	saved := 0
	table := tabwriter.NewWriter(a.out, 0, 0, 3, ' ', 0)
	for _, e := range all {
		kind := "example"
		if !e.Example() {
			kind, saved = "saved", saved+1
		}
		what := e.About
		switch {
		case e.Err != nil:
			kind, what = "broken", "stoke check "+e.Name+" says why"
		case what == "":
			what = e.Profile.Target
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\n", e.Name, kind, what)
	}
	fmt.Fprintln(a.out, "Profiles, to run with: stoke run NAME")
	if err := table.Flush(); err != nil {
		return err
	}
	if saved == 0 {
		fmt.Fprintf(a.out, "None of your own yet: save them as NAME.yaml in %s\n", dir)
		return nil
	}
	fmt.Fprintf(a.out, "Yours are in %s\n", dir)
	return nil
}

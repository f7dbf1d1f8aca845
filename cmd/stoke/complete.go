package main

import (
	"strings"

	"github.com/spf13/cobra"

	"stoke/profiles"
)

// completeProfiles offers the names of profiles and examples to a shell, and
// files besides.
func completeProfiles(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return profileNames(typed, true), cobra.ShellCompDirectiveDefault
}

// completeNames offers the names of profiles and examples.
func completeNames(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return profileNames(typed, true), cobra.ShellCompDirectiveNoFileComp
}

// completeSaved offers the names of the saved profiles.
func completeSaved(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return profileNames(typed, false), cobra.ShellCompDirectiveNoFileComp
}

// profileNames are the names that begin as typed, with what they are about.
func profileNames(typed string, examples bool) (names []string) {
	all, err := profiles.List()
	if err != nil {
		return nil // there is nobody to tell
	}
	for _, e := range all {
		if strings.HasPrefix(e.Name, typed) && (examples || !e.Example()) {
			names = append(names, cobra.CompletionWithDesc(e.Name, e.About))
		}
	}
	return names
}

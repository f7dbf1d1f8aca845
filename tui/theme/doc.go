// Package theme holds every colour of the cockpit: tokens, styles made of
// them, and the themes to choose from.
package theme

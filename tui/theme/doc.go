// Package theme holds every colour of the cockpit: tokens, styles made of
// them, and the themes to choose from.
//
// A token names a colour by its use ("wait", "bad"); a [Role] names what a
// piece of text is (a border, a number that warns); a [Theme] gives each role
// a style. Panels speak of roles only, so a theme is one table and nothing
// else has to change for a new one. [Names] lists the themes, [New] makes one.
//
// Invariant: no role is told apart by colour alone. Where it matters a word or
// a sign stands beside, so [Plain] loses nothing.
package theme

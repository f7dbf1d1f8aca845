package theme

// Theme is a set of styles.
type Theme struct{}

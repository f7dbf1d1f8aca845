// Package template fills the placeholders of a profile, ${…}.
//
// Start with [Parse], which reads a text once, with a [Set], which gives each
// distinct placeholder of a scenario a number, and with [Values], which holds
// what they stand for in one start of it. A placeholder is drawn once for each
// start: the same text names the same value wherever it stands again, in a
// later step or in a retry. Rendering allocates nothing once its buffers have
// grown. Nothing here knows a profile, a file or a socket.
package template

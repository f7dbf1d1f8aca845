// Package canvas is the sheet that a frame is drawn on: a grid of cells, each
// a character and the role of its style.
//
// Panels write into a [Region], a window of the sheet; what falls outside is
// left out, so a panel cannot break its neighbour or the size of the frame.
// Start with [New], draw, and take the text with [Canvas.String].
//
// Invariants: the text has exactly as many lines as the sheet and no line is
// wider; no control character, whoever wrote the text, gets onto the sheet.
package canvas

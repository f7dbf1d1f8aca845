// Package units writes numbers for the screen: three significant digits, the
// unit always, k = 1000.
//
// Every function is pure. The widest text that each can return is in its
// comment, so that a panel can give the number a field in which nothing jumps
// when digits change; [Right] and [Left] fill such a field.
//
// Invariants: a share is never rounded up to 100 % while something is missing
// nor down to 0 while there is something; a time is rounded to the nearest,
// with the carry ("1.00 ms", never "1000 µs").
package units

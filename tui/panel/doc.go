// Package panel draws the boxes of the cockpit, one file for each.
//
// A panel is a function of a snapshot that draws into a region of a sheet; it
// keeps nothing and changes nothing. It chooses among its ways to say a thing
// by the room that it has: a number is shown whole or not at all, only names
// and messages are shortened. Fields have the width of the widest number they
// can hold, so that nothing jumps when digits change.
//
// The words are those of the screen: asked, sent, done, not sent, waiting,
// throttled, ceiling, this machine. Start with [Load] or [Latency].
package panel

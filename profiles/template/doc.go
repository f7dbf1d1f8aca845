// Package template fills the placeholders of a profile, ${…}.
//
// Start with [Parse], which reads a text once, with a [Set], which gives each
// distinct placeholder of a scenario a number, and with [Values], which holds
// what they stand for in one start of it. A placeholder is drawn once for each
// start: the same text names the same value wherever it stands again, in a
// later step or in a retry. Rendering allocates nothing once its buffers have
// grown. Nothing here knows a profile, a file or a socket.
//
// The forms are
//
//	${products.sku}          a column of a row of data; ${products."unit price"} if it has blanks
//	${cart}                  what a step before captured
//	${header.location}       a header of the answer before
//	${env.TOKEN}             a variable of the environment, secret
//	${file.token}            a file beside the profile, secret
//	${seq}                   the number of the start, from 1
//	${uuid}                  a UUID, version 4
//	${rand.int 1 9}          a whole number, both ends included
//	${pick red "dark blue"}  one of the words
//	${now}                   the time, also ${now unix}, ${now unixms}, ${now rfc3339}
//	${fake.email}            of one made-up person; see [FakeNames]
//
// A word more behind uuid, rand.int and fake makes another variable: ${uuid 2}
// differs from ${uuid}, and ${fake.email b} is another person's than
// ${fake.email}, but that of ${fake.name b}. $${ stands for ${ itself, so a
// dollar sign before a placeholder is written ${pick $}${price}.
//
// What is made here follows from the seed of the run and the number of the
// start alone, never from the order in which starts happen to be rendered.
// Made-up people have addresses under the names of RFC 2606 and RFC 6761,
// telephone numbers from the range kept for fiction (555-0100 to 555-0199) and
// IP addresses from the ranges kept for documentation (RFC 5737, RFC 3849), so
// nothing that a run sends reaches a person.
package template

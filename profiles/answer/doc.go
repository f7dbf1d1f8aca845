// Package answer reads values out of an answer and tests them: what a
// profile's capture, expect and async.done say.
//
// Start with [ParseSource] for what is read, with [ParseTest] for a source that
// is compared, and with [Answer] for what they are applied to. A parsed Source
// or Test is immutable and may be used by any number of goroutines. Nothing
// here knows a profile or a socket.
//
// The sources are
//
//	json $.items[0].id        a value of a JSON body; $['a key'], $.items[-1] from the end, $.items.# the number of items
//	header location           the first header line of that name, in any case
//	cookie session            the value that the answer gives a cookie
//	regex "id=(\d+)"          what group 1 matched in the body, or all of it if there is no group
//	status, size, body        the status, the size of the body in bytes, the body
//
// and a test compares one of them:
//
//	json $.state == "done"    also != < <= > >=
//	json $.left <= 0          numbers with numbers, texts with texts, by their type in the JSON
//	header etag               is it there
//	header x-left > 5         a header is a number if the test's value is one
//	header content-type is "text/html"   up to the parameters, as the charset, behind a ;
//	status 201                the same as status == 201
//	body contains "welcome"   the same as contains "welcome"
//	body matches "(?i)hello"  the same as matches "(?i)hello"; the syntax of package regexp
//
// In quotes \" is a quote and \\ a backslash; any other backslash stands for
// itself. No test holds for a value that is not there, != neither. A body that
// is not one whole JSON text, or one nested deeper than [MaxDepth], has no
// JSON values.
package answer

// Command versus runs stoke and every other load generator found on this
// machine against one server, and prints what it saw as Markdown tables.
//
//	go run ./cmd/versus                      # everything found, all three tables
//	go run ./cmd/versus --only closed --tools stoke,wrk --rounds 10
//
// Start with main.go for the flags, experiment.go for the three experiments
// and peers.go for the command line of each tool. What makes the figures fair:
//
//   - One server for all, a child process of ours (server_linux.go): one thread
//     that answers from memory and is cheaper than any client.
//   - The server counts and stamps the requests. No figure of the closed or of
//     the open model is taken from what a tool says of itself; the third table
//     is about exactly that, and holds it against what must come out.
//   - CPU is user + system time of the whole child, from wait4; peak memory is
//     what the kernel kept as the child's high-water mark.
//   - Runs are interleaved in rounds, each round begins with another tool, and
//     ratios are taken between runs of one round: a machine that becomes slower
//     from one minute to the next changes both sides.
//   - Stoke has to show, in the run that is measured, that it measured every
//     request (honest.go); otherwise versus fails.
//
// The server listens on 127.0.0.1 only, every run has an end, and all children
// are killed by their process group if versus is interrupted.
package main

package main

import (
	"fmt"
	"strconv"
)

// A job is what a tool is asked to do.
type job struct {
	url         string
	connections int
	seconds     int
	rate        int // requests per second; 0 is the closed model: as many as it can
	threads     int // cores it may use, for tools that must be told
}

func (j job) duration() string { return strconv.Itoa(j.seconds) + "s" }

// perConnection is the rate of one connection, for tools that are told that.
func (j job) perConnection() string {
	return strconv.FormatFloat(float64(j.rate)/float64(j.connections), 'f', -1, 64)
}

// A command is a job in a tool's own words.
type command struct {
	args  []string
	input string            // standard input
	files map[string]string // written to the directory before
	// then is what turns the record of the run into figures, where the tool has
	// a command of its own for that. Its cost is not counted.
	then []string
	// output names the file that holds the figures; else standard output does.
	output string
}

// A tool is a load generator, as versus drives it.
type tool struct {
	name     string
	language string
	// programs are the names it may be installed under.
	programs []string
	// paced tools can hold a rate.
	paced   bool
	command func(j job) command
	// parse reads the response times a tool prints.
	parse func(output string) (quantiles, error)
	// versionFlag makes a tool that is not written in Go say its version.
	versionFlag string
	// passes are exit codes besides 0 that do not mean failure.
	passes []int
}

// isGo tells the tools that share stoke's runtime.
func (t tool) isGo() bool { return t.language == "Go" && t.name != stokeName }

const stokeName = "stoke"

// resultFile is where tools write their figures that can write them to a file.
const resultFile = "result.json"

// tools lists stoke and its peers. Each is given what lets it look best: one
// thread for each core it may use, its option against coordinated omission,
// its even spacing, no progress display; and nothing that leaves this machine.
var tools = []tool{
	{
		name: stokeName, language: "Go", programs: []string{"stoke"}, paced: true, parse: parseStoke,
		// 3 says that this machine was the bottleneck: in the closed model it is.
		passes: []int{3},
		command: func(j job) command {
			rate := "max"
			if j.rate > 0 {
				rate = strconv.Itoa(j.rate)
			}
			return command{output: resultFile, args: []string{"run", j.url, "--headless", "--json", resultFile, "--rate", rate, "--arrivals", "uniform",
				"--concurrency", strconv.Itoa(j.connections), "--limit-concurrency", strconv.Itoa(j.connections), "--limit-rate", "10000k", "--duration", j.duration()}}
		},
	},
	{
		name: "wrk", versionFlag: "-v", language: "C", programs: []string{"wrk"}, parse: parseWrk,
		command: func(j job) command {
			return command{args: []string{"-t", strconv.Itoa(min(j.threads, j.connections)), "-c", strconv.Itoa(j.connections), "-d", j.duration(), "--latency", j.url}}
		},
	},
	{
		// A rate is required; one that cannot be reached makes it a closed model.
		name: "wrk2", language: "C", programs: []string{"wrk2"}, paced: true, parse: parseWrk2,
		command: func(j job) command {
			rate := j.rate
			if rate == 0 {
				rate = 10_000_000
			}
			return command{args: []string{"-t", strconv.Itoa(min(j.threads, j.connections)), "-c", strconv.Itoa(j.connections), "-d", j.duration(),
				"-R", strconv.Itoa(rate), "--latency", j.url}}
		},
	},
	{
		name: "h2load", versionFlag: "--version", language: "C++", programs: []string{"h2load"}, paced: true, parse: parseH2load,
		command: func(j job) command {
			args := []string{"--h1", "-t", strconv.Itoa(min(j.threads, j.connections)), "-c", strconv.Itoa(j.connections), "-D", strconv.Itoa(j.seconds)}
			if j.rate > 0 {
				args = append(args, "--rps="+j.perConnection())
			}
			return command{args: append(args, j.url)}
		},
	},
	{
		// -t sets -n to 50,000, so -n comes after it.
		name: "ab", versionFlag: "-V", language: "C", programs: []string{"ab"}, parse: parseAb,
		command: func(j job) command {
			return command{args: []string{"-k", "-q", "-c", strconv.Itoa(j.connections), "-t", strconv.Itoa(j.seconds), "-n", strconv.Itoa(j.seconds * 500_000), j.url}}
		},
	},
	{
		name: "oha", versionFlag: "--version", language: "Rust", programs: []string{"oha"}, paced: true, parse: parseOha,
		command: func(j job) command {
			args := []string{"--no-tui", "-c", strconv.Itoa(j.connections), "-z", j.duration()}
			if j.rate > 0 {
				args = append(args, "-q", strconv.Itoa(j.rate), "--latency-correction")
			}
			return command{args: append(args, j.url)}
		},
	},
	{
		name: "vegeta", language: "Go", programs: []string{"vegeta"}, paced: true, parse: parseVegeta,
		command: func(j job) command {
			connections := strconv.Itoa(j.connections)
			return command{input: "GET " + j.url + "\n", then: []string{"report", "-type=hdrplot", "attack.bin"},
				args: []string{"attack", "-output=attack.bin", "-duration=" + j.duration(), fmt.Sprintf("-rate=%d/1s", j.rate),
					"-workers=" + connections, "-max-workers=" + connections, "-connections=" + connections}}
		},
	},
	{
		name: "fortio", language: "Go", programs: []string{"fortio"}, paced: true, parse: parseFortio,
		command: func(j job) command {
			return command{output: resultFile, args: []string{"load", "-quiet", "-json", resultFile, "-p", "50,90,95,99,99.9", "-c", strconv.Itoa(j.connections), "-qps", strconv.Itoa(j.rate),
				"-uniform", "-t", j.duration(), j.url}}
		},
	},
	{
		name: "bombardier", language: "Go", programs: []string{"bombardier"}, paced: true, parse: parseBombardier,
		command: func(j job) command {
			args := []string{"-c", strconv.Itoa(j.connections), "-d", j.duration(), "-l", "-p", "r", "-o", "json"}
			if j.rate > 0 {
				args = append(args, "-r", strconv.Itoa(j.rate))
			}
			return command{args: append(args, j.url)}
		},
	},
	{
		name: "plow", language: "Go", programs: []string{"plow"}, paced: true, parse: parsePlow,
		command: func(j job) command {
			args := []string{j.url, "-c", strconv.Itoa(j.connections), "-d", j.duration(), "-i", "0", "--json", "--listen", ""}
			if j.rate > 0 {
				args = append(args, "--rate", strconv.Itoa(j.rate))
			}
			return command{args: args}
		},
	},
	{
		name: "hey", language: "Go", programs: []string{"hey"}, paced: true, parse: parseHey,
		command: func(j job) command {
			args := []string{"-c", strconv.Itoa(j.connections), "-z", j.duration()}
			if j.rate > 0 {
				args = append(args, "-q", j.perConnection())
			}
			return command{args: append(args, j.url)}
		},
	},
	{
		name: "k6", language: "Go", programs: []string{"k6"}, paced: true, parse: parseK6,
		command: func(j job) command {
			return command{files: map[string]string{"script.js": k6Script(j)}, output: resultFile,
				args: []string{"run", "--quiet", "--no-usage-report", "--address", "", "--summary-trend-stats", "p(50),p(90),p(95),p(99),p(99.9)",
					"--summary-export", resultFile, "script.js"}}
		},
	},
	{
		name: "autocannon", versionFlag: "--version", language: "JS", programs: []string{"autocannon"}, paced: true, parse: parseAutocannon,
		command: func(j job) command {
			args := []string{"-c", strconv.Itoa(j.connections), "-d", strconv.Itoa(j.seconds), "-n", "-j"}
			if j.rate > 0 {
				args = append(args, "-R", strconv.Itoa(j.rate))
			}
			return command{args: append(args, j.url)}
		},
	},
}

// k6Script is a k6 scenario for the job.
func k6Script(j job) string {
	scenario := fmt.Sprintf("executor: 'constant-vus', vus: %d, duration: '%s'", j.connections, j.duration())
	if j.rate > 0 {
		scenario = fmt.Sprintf("executor: 'constant-arrival-rate', rate: %d, timeUnit: '1s', duration: '%s', preAllocatedVUs: %d, maxVUs: %d",
			j.rate, j.duration(), j.connections, j.connections)
	}
	return "import http from 'k6/http';\n" +
		"export const options = { discardResponseBodies: true, scenarios: { load: { " + scenario + " } } };\n" +
		"export default function () { http.get('" + j.url + "'); }\n"
}

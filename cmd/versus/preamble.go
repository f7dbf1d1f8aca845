package main

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// preamble says on what and of what the tables are.
func preamble(ctx context.Context, found []contender, missing []string, cores int) string {
	var names []string
	for _, c := range found {
		names = append(names, strings.TrimSpace(c.name+" "+c.version(ctx)))
	}
	text := fmt.Sprintf("%d cores, %s, %s/%s, %s. Median (least–most).\n\nRun: %s.\n",
		cores, processor(), runtime.GOOS, runtime.GOARCH, time.Now().UTC().Format(time.DateOnly), strings.Join(names, ", "))
	if len(missing) > 0 {
		text += "\nNot found: " + strings.Join(missing, ", ") + ".\n"
	}
	return text
}

// processor names the CPU.
func processor() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		if name := cpuModel.FindSubmatch(info); name != nil {
			return string(name[1])
		}
	}
	return "unknown processor"
}

var (
	cpuModel      = regexp.MustCompile(`(?m)^model name\s*:\s*(.+)$`)
	versionNumber = regexp.MustCompile(`\d+\.\d+(\.\d+)?`)
)

// version is the version of a tool as it is installed, "" if it cannot be
// told. A Go program carries it; others are asked.
func (c contender) version(ctx context.Context) string {
	if info, err := buildinfo.ReadFile(c.path); err == nil {
		if v := info.Main.Version; strings.HasPrefix(v, "v") && c.name != stokeName {
			return strings.TrimPrefix(v, "v")
		}
		return ""
	}
	if c.versionFlag == "" {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	ask := exec.CommandContext(ctx, c.path, c.versionFlag)
	ownGroup(ask)
	// wrk prints its version and fails; what is printed counts.
	said, _ := ask.CombinedOutput()
	return string(versionNumber.Find(said))
}

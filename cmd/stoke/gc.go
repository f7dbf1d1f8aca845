package main

import (
	"bytes"
	"os"
	"runtime/debug"
	"strconv"
)

// memoryShare of what this machine, or its control group, has is from where on
// memory is collected more eagerly. How eagerly before is left as Go has it: a
// request allocates nothing, so a larger heap would save next to nothing and
// keep the memory of a peak for good.
const memoryShare = 0.8

// limitMemory sets from where on memory is short, unless the environment does.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		if limit := memoryLimit("/sys/fs/cgroup/memory.max", "/proc/meminfo"); limit > 0 {
			debug.SetMemoryLimit(int64(memoryShare * float64(limit)))
		}
	}
}

// memoryLimit is how many bytes this program may use by the limit of its control
// group and the memory of the machine; 0 if neither is known.
func memoryLimit(group, machine string) int64 {
	var limit int64
	if text, err := os.ReadFile(machine); err == nil {
		if _, rest, ok := bytes.Cut(text, []byte("MemTotal:")); ok {
			if fields := bytes.Fields(rest); len(fields) > 0 {
				kib, _ := strconv.ParseInt(string(fields[0]), 10, 64)
				limit = kib << 10
			}
		}
	}
	if text, err := os.ReadFile(group); err == nil {
		if max, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64); err == nil && max > 0 && (limit == 0 || max < limit) {
			limit = max
		}
	}
	return limit
}

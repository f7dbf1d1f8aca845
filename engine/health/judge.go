package health

import (
	"fmt"
	"slices"
	"strings"
)

// judge is the whole judgement: it depends on nothing but its arguments.
func judge(second int64, r *readings, f *Facts) *Report {
	rep := &Report{Second: second, State: Unknown, Busy: -1, Metrics: make([]Metric, 0, 24)}
	if r.busyOK {
		rep.Busy = min(r.busy, 1)
	}
	add := func(of *rule, m Metric) {
		if r.first && !of.hard && m.State == Invalid {
			m.State = Warn
		}
		rep.Metrics = append(rep.Metrics, m)
	}
	add(&rules.sendLag, judgeSendLag(f))
	add(&rules.canary, judgeCanary(r))
	if f.KernelStamps {
		add(&rules.kernel, judgeKernel(f))
	}
	add(&rules.hiccup, judgeHiccup(r))
	add(&rules.sched, judgeSched(r))
	add(&rules.runnable, judgeRunnable(r, f))
	add(&rules.gcPause, judgeGCPause(r))
	add(&rules.gcShare, rules.gcShare.judge(r.gcShare, Invalid))
	add(&rules.gcCycles, rules.gcCycles.judge(r.gcCycles, Invalid))
	add(&rules.ownCPU, judgeOwnCPU(r, f))
	add(&rules.headroom, judgeHeadroom(r, f))
	add(&rules.idle, judgeIdle(r))
	add(&rules.steal, judgeSteal(r))
	add(&rules.throttled, judgeThrottled(r))
	add(&rules.suspend, judgeSuspend(r))
	add(&rules.clockSource, judgeClockSource(r))
	add(&rules.lateWake, rules.lateWake.judge(float64(f.LateWake), Invalid))
	add(&rules.files, judgeFiles(r, f))
	add(&rules.ports, judgePorts(r, f))
	add(&rules.retransmits, judgeRetransmits(r, f))
	add(&rules.unread, judgeUnread(f))
	add(&rules.drops, judgeDrops(r, f))
	add(&rules.little, judgeLittle(f))
	add(&rules.audit, judgeAudit(f))
	add(&rules.local, noteLocal(r, f))
	rep.conclude()
	return rep
}

// causes are metrics that say why; the others, when they are as bad, show what
// follows from it, and come later however far they are beyond their limits.
var causes = []string{rules.suspend.name, rules.throttled.name, rules.steal.name, rules.files.name, rules.ports.name}

func isCause(m *Metric) int {
	if slices.Contains(causes, m.Name) {
		return 1
	}
	return 0
}

// reason is the metric in a few words.
func (m *Metric) reason() string {
	if m.hint != "" {
		return m.Name + " " + m.Value + ", " + m.hint
	}
	return m.Name + " " + m.Value
}

// conclude sets the state of the report and its reasons, worst first. Nothing is
// OK where the canary, which matters most, cannot be heard: elsewhere than on
// Linux the few figures that the program has of itself prove nothing.
func (rep *Report) conclude() {
	var bad []*Metric
	blind := false
	for i := range rep.Metrics {
		m := &rep.Metrics[i]
		blind = blind || m.Name == rules.canary.name && m.State == Unknown
		if m.State.rank() > rep.State.rank() {
			rep.State = m.State
		}
		if m.State.rank() >= Warn.rank() {
			bad = append(bad, m)
		}
	}
	if blind && rep.State == OK {
		rep.State = Unknown
	}
	slices.SortStableFunc(bad, func(a, b *Metric) int {
		if a.State != b.State {
			return b.State.rank() - a.State.rank()
		}
		if d := isCause(b) - isCause(a); d != 0 {
			return d
		}
		switch {
		case a.Excess > b.Excess:
			return -1
		case a.Excess < b.Excess:
			return 1
		}
		return 0
	})
	for _, m := range bad {
		rep.Reasons = append(rep.Reasons, m.reason())
	}
}

// p99Of is the p99 by which a second is judged. That of a few values is the largest
// one or two and proves little, so a second with fewer than a p99 needs is judged
// by that of the seconds up to it, recent, but never worse than by its own largest:
// what is said of a second is true of that second.
func p99Of(count int, own, recent, most int64) int64 {
	if count < enoughP99 {
		return min(recent, most)
	}
	return own
}

func judgeSendLag(f *Facts) Metric {
	rule := rules.sendLag
	rule.warn = max(rule.warn, sendLagWarn*float64(f.ServiceP50))
	rule.invalid = max(rule.invalid, sendLagInvalid*float64(f.ServiceP50))
	if f.SendLagCount == 0 {
		return rule.unknown("nothing sent", "")
	}
	p99 := p99Of(int(f.SendLagCount), f.SendLagP99, f.RecentLagP99, f.SendLagMax)
	m := rule.judge(float64(p99), Invalid)
	if max(f.SendLagCount, f.RecentLagCount) < enoughP99 {
		// Still few: they warn where a p99 would invalidate, and to invalidate
		// half of the second's must be late.
		few := rule
		few.warn = rule.invalid
		m = few.judge(float64(p99), Warn)
		if half := rule.judge(float64(f.SendLagP50), Invalid); half.State.rank() > m.State.rank() {
			m.State, m.Excess, m.Note = half.State, half.Excess, half.Note
		}
		m.Warn, m.Invalid = rule.limits()
	}
	m.Detail = lagDetail(float64(f.SendLagP50), float64(f.SendLagMax))
	return m
}

func judgeCanary(r *readings) Metric {
	if !r.canaryOK {
		return rules.canary.notAvailable()
	}
	if r.canary.count == 0 {
		return rules.canary.unknown("nothing read", "too little was seen in this second to judge it")
	}
	m := rules.canary.judge(float64(p99Of(r.canary.count, r.canary.p99, r.canaryRecent, r.canary.max)), enough(r.canary.count >= enoughCanary))
	m.Detail = lagDetail(float64(r.canary.p50), float64(r.canary.max))
	return m
}

// judgeKernel looks at the answers of the connections on which the kernel was
// asked when they came.
func judgeKernel(f *Facts) Metric {
	if f.KernelLagCount == 0 {
		return rules.kernel.unknown("no stamps", "no answer of this second has a stamp of the kernel")
	}
	m := rules.kernel.judge(float64(f.KernelLagP99), enough(f.KernelLagCount >= enoughKernel))
	m.Detail = lagDetail(float64(f.KernelLagP50), float64(f.KernelLagMax))
	return m
}

func judgeHiccup(r *readings) Metric {
	if !r.canaryOK {
		return rules.hiccup.notAvailable()
	}
	return rules.hiccup.judge(float64(r.canary.max), enough(r.watched >= enoughWatch))
}

func judgeSched(r *readings) Metric {
	if r.sched.count == 0 {
		return rules.sched.unknown("nothing waited", "")
	}
	m := rules.sched.judge(float64(r.sched.p99), enough(r.sched.count >= enoughSched))
	m.Detail = fmt.Sprintf("of %d seen", r.sched.count)
	return m
}

func judgeRunnable(r *readings, f *Facts) Metric {
	if r.runnableLooks == 0 {
		return rules.runnable.notAvailable()
	}
	m := rules.runnable.judge(r.runnable, enough(r.runnableLooks >= enoughRunnable))
	m.saturated(f)
	return m
}

// saturated says, where the rate is max and this machine gives all that it has,
// that this is what was asked for, and what its numbers mean.
func (m *Metric) saturated(f *Facts) {
	if f.Rate == 0 && f.SendLagCount > 0 && m.State.rank() >= Warn.rank() {
		m.Note = saturatedNote
		m.hint = "rate max takes all that there is"
	}
}

func judgeGCPause(r *readings) Metric {
	m := rules.gcPause.judge(float64(r.gcPause.p99), Invalid)
	if r.gcPause.count > 0 {
		m.Detail = fmt.Sprintf("of any moment; %d pauses, longest %s", r.gcPause.count, nanos.format(float64(r.gcPause.max)))
	}
	return m
}

func judgeOwnCPU(r *readings, f *Facts) Metric {
	if !r.busyOK {
		return rules.ownCPU.notAvailable()
	}
	m := rules.ownCPU.judge(r.busy, Invalid)
	m.Detail = "of " + digits(r.usable) + " CPUs"
	m.saturated(f)
	return m
}

// judgeHeadroom foretells the CPU share at the rate asked for when less is
// sent. What is foretold can warn; only what is used now can invalidate.
func judgeHeadroom(r *readings, f *Facts) Metric {
	rule := &rules.headroom
	switch {
	case !r.busyOK:
		return rule.notAvailable()
	case f.Rate <= 0:
		return rule.unknown("no rate asked", "")
	case float64(f.SendLagCount) < headroomSent*f.Rate:
		return rule.unknown("too little sent", "")
	}
	expected := r.busy * max(f.Rate/float64(f.SendLagCount), 1)
	most := Warn
	if rule.beyond(r.busy, rule.invalid) {
		most = Invalid
	}
	return rule.judge(expected, most)
}

func judgeIdle(r *readings) Metric {
	if !r.hostOK {
		return rules.idle.notAvailable()
	}
	m := rules.idle.judge(r.idle, enough(r.ticks >= enoughTicks))
	m.Detail = "other programs use " + share.format(r.others)
	if m.State == Warn {
		m.hint = m.Detail
	}
	return m
}

func judgeSteal(r *readings) Metric {
	if !r.hostOK {
		return rules.steal.notAvailable()
	}
	if r.stolen < enoughStolen { // the grain of the counter, not a share
		m := rules.steal.judge(0, Invalid)
		m.Value = share.format(r.steal)
		return m
	}
	return rules.steal.judge(r.steal, enough(r.ticks >= enoughTicks))
}

func judgeThrottled(r *readings) Metric {
	switch {
	case !r.throttleOK:
		return rules.throttled.notAvailable()
	case !r.quota:
		m := rules.throttled.judge(0, Invalid)
		m.Value = "no quota"
		return m
	}
	part := 0.0
	if r.throttled > 0 {
		part = float64(r.throttled) / float64(max(r.periods, r.throttled))
	}
	m := rules.throttled.judge(part, Invalid)
	m.Detail = fmt.Sprintf("%d of %d periods", r.throttled, r.periods)
	return m
}

func judgeSuspend(r *readings) Metric {
	if !r.asleepOK {
		return rules.suspend.notAvailable()
	}
	return rules.suspend.judge(float64(r.asleep), Invalid)
}

// quickClocks are read without entering the kernel.
var quickClocks = []string{"tsc", "kvm-clock", "kvmclock", "arch_sys_counter", "hyperv_clocksource_tsc_page", "timebase", "riscv_clocksource", "tod", "stick"}

func judgeClockSource(r *readings) Metric {
	rule := &rules.clockSource
	if r.clock == "" {
		return rule.notAvailable()
	}
	slow := 0.0
	if !slices.Contains(quickClocks, r.clock) {
		slow = 1
	}
	m := rule.judge(slow, Warn)
	m.Value, m.Warn = r.clock, "a slow one"
	return m
}

const noneLeft = "none left"

func judgeFiles(r *readings, f *Facts) Metric {
	rule := &rules.files
	m := rule.notAvailable()
	if r.filesOK && r.fileLimit > 0 {
		open := r.files
		if open == 0 { // not counted here: what was open at the start, and what we opened
			open = r.otherFiles + f.Connections
		}
		m = rule.judge(float64(open)/float64(r.fileLimit), Warn)
		m.Detail = fmt.Sprintf("%d of %d", open, r.fileLimit)
	}
	return ranOut(m, rule, f.NoFile)
}

func judgePorts(r *readings, f *Facts) Metric {
	rule := &rules.ports
	m := rule.notAvailable()
	if r.portsOK && r.portRange > 0 {
		used, perRange := f.Connections+r.timeWait, connsPerRange
		if r.reuse || r.reuseLocal && f.TargetLocal {
			used, perRange = f.Connections, reusePerRange
		}
		m = rule.judge(float64(used)/float64(r.portRange), Warn)
		m.Detail = fmt.Sprintf("%d of %d, %d new a second", used, r.portRange, f.NewConnections)
		if most := perRange * float64(r.portRange); m.State == OK && float64(f.NewConnections) > most {
			m.State, m.Note, m.Excess = Warn, rule.note, float64(f.NewConnections)/most
			m.Value += fmt.Sprintf(", %d new a second", f.NewConnections)
		}
	}
	return ranOut(m, rule, f.NoPort)
}

// ranOut turns a metric of something countable invalid when the system has
// refused it.
func ranOut(m Metric, r *rule, refused int64) Metric {
	m.Invalid = noneLeft
	if refused > 0 {
		m.State, m.Note, m.Excess = Invalid, r.note, 1e6
		m.Value = fmt.Sprintf("%s, %d refused", noneLeft, refused)
	}
	return m
}

func judgeRetransmits(r *readings, f *Facts) Metric {
	if !r.tcpOK {
		return rules.retransmits.notAvailable()
	}
	part := 0.0
	if r.retransmits > 0 {
		part = float64(r.retransmits) / float64(max(r.segments, r.retransmits))
	}
	most := Invalid
	judged := part
	switch {
	case r.retransmits < enoughRetrans:
		judged = 0
	case r.retransmits < muchRetrans:
		most = Warn
	}
	m := rules.retransmits.judge(judged, most)
	m.Value = share.format(part)
	m.Detail = fmt.Sprintf("network: %d of %d", r.retransmits, r.segments)
	if f.Resent > 0 {
		m.Detail += fmt.Sprintf(", %d by connections to the target", f.Resent)
	}
	return m
}

func judgeUnread(f *Facts) Metric {
	if f.Looks == 0 {
		return rules.unread.unknown("no connection looked at", "")
	}
	part := float64(f.Unread) / float64(f.Looks)
	judged := part
	if f.Looks < enoughLooks {
		judged = 0
	}
	m := rules.unread.judge(judged, Invalid)
	m.Value = share.format(part)
	m.Detail = fmt.Sprintf("%d of %d looks", f.Unread, f.Looks)
	return m
}

func judgeDrops(r *readings, f *Facts) Metric {
	rule := &rules.drops
	if !r.dropsOK {
		return rule.notAvailable()
	}
	m := rule.judge(float64(r.dropped(f)), Warn)
	if !f.TargetLocal && r.cardDrops > 0 {
		m.Detail = fmt.Sprintf("of network cards: %d of %d", r.cardDrops, r.received)
	}
	m.Invalid = fmt.Sprintf("%d s in a row", growingDrops)
	if m.State == Warn && r.dropSeconds >= growingDrops {
		m.State = Invalid
	}
	return m
}

func judgeLittle(f *Facts) Metric {
	rule := &rules.little
	off := f.LittleMeasured - f.LittleExpected
	if f.LittleMeasured == 0 && f.LittleExpected == 0 {
		return rule.unknown("nothing in flight", "")
	}
	part := max(off, -off) / max(f.LittleExpected, littleGrain)
	judged := part
	if max(off, -off) <= littleGrain {
		judged = 0
	}
	m := rule.judge(judged, Invalid)
	m.Value = share.format(part) + " off"
	m.Detail = fmt.Sprintf("%s in flight, %s by their times", digits(f.LittleMeasured), digits(f.LittleExpected))
	return m
}

func judgeAudit(f *Facts) Metric {
	m := Metric{Name: rules.audit.name, Value: "ok", Invalid: "any mismatch", State: OK}
	if !f.AuditOK {
		m.State, m.Note, m.Excess = Invalid, rules.audit.note, 1e6
		m.Value = "does not add up"
		if d := strings.TrimSpace(f.AuditDetail); d != "" {
			m.Value = d
		}
	}
	return m
}

// noteLocal is a standing note, never a warning: a target on this machine is
// a choice, and what it costs shows in the other metrics.
func noteLocal(r *readings, f *Facts) Metric {
	m := Metric{Name: rules.local.name, Value: "no", State: OK}
	if f.TargetLocal {
		m.Value, m.Note = "yes", rules.local.note
		if r.hostOK {
			m.Detail = "other programs use " + share.format(r.others)
		}
	}
	return m
}

// enough gives full judgement when there are samples for it.
func enough(samples bool) State {
	if samples {
		return Invalid
	}
	return Unknown
}

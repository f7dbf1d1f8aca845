package units

import (
	"math"
	"testing"
	"time"
	"unicode/utf8"
)

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Count(0), "0"}, {Count(999), "999"}, {Count(1000), "1,000"}, {Count(38456), "38,456"}, {Count(-1234567), "-1,234,567"},
		{CountIn(999999, 7), "999,999"}, {CountIn(1234567, 7), "1.23M"}, {CountIn(12345, 5), "12.3k"},
		{Short(0), "0"}, {Short(950), "950"}, {Short(1200), "1.2k"}, {Short(12345), "12.3k"}, {Short(999.6), "1k"}, {Short(999600), "1M"}, {Short(0.5), "0.5"},
		{Short(1.2e15), "1200T"}, {Short(-1200), "-1.2k"}, {Short(math.NaN()), "?"},
		{Tiny(0), "0"}, {Tiny(999), "999"}, {Tiny(1877), "1.8k"}, {Tiny(9999), "9.9k"}, {Tiny(18800), "18k"}, {Tiny(999999), "999k"}, {Tiny(1234567), "1.2M"}, {Tiny(-3), "0"},
		{Number(0), "0"}, {Number(0.004), "0"}, {Number(0.25), "0.25"}, {Number(9.994), "9.99"}, {Number(9.996), "10"}, {Number(1205.6), "1,206"}, {Number(math.Inf(1)), "?"},
		{Rate(4.98), "4.98/s"}, {NumberIn(123456, 5), "123k"}, {NumberIn(1206, 5), "1,206"},
		{Setting(1200), "1,200"}, {Setting(7), "7"}, {Setting(999.999), "999.999"}, {Setting(0.5), "0.5"}, {Setting(0.9999), "1"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestLatency(t *testing.T) {
	for ns, want := range map[int64]string{
		0: "0 ns", 980: "980 ns", 999: "999 ns", 1000: "1.00 µs", 980_000: "980 µs", 999_499: "999 µs", 999_500: "1.00 ms", 31_200_000: "31.2 ms", 9_996_000: "10.0 ms", 124_000_000: "124 ms",
		999_600_000: "1.00 s", 1_240_000_000: "1.24 s", 99_960_000_000: "100 s", 999_400_000_000: "999 s", 1_240_000_000_000: "1,240 s",
	} {
		if got := Latency(ns); got != want {
			t.Errorf("Latency(%d) = %q, want %q", ns, got, want)
		}
	}
	if got := Tight(124_000_000); got != "124ms" {
		t.Errorf("Tight = %q", got)
	}
	if got := Tight(1_200_000_000); got != "1.2s" {
		t.Errorf("Tight = %q", got)
	}
	// A field of 7 holds every latency up to an hour: a column cannot jump.
	for v := 1.0; v < 3.6e12; v *= 1.0007 {
		if s := Latency(int64(v)); utf8.RuneCountInString(s) > 7 {
			t.Fatalf("Latency(%d) = %q is too wide", int64(v), s)
		}
	}
}

func TestTimes(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Clock(0), "00:00:00"}, {Clock(222 * time.Second), "00:03:42"}, {Clock(100 * time.Hour), "100:00:00"}, {Clock(-time.Second), "00:00:00"},
		{Span(32 * time.Second), "32 s"}, {Span(119 * time.Second), "119 s"}, {Span(12 * time.Minute), "12 min"}, {Span(3 * time.Hour), "3 h"},
		{Countdown(time.Millisecond), "1 s"}, {Countdown(0), "0 s"}, {Countdown(1500 * time.Millisecond), "2 s"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestShares(t *testing.T) {
	for _, c := range []struct {
		part, whole int64
		want        string
	}{
		{0, 0, "–"}, {0, 10, "0.00 %"}, {10, 10, "100.0 %"}, {38259, 38412, "99.60 %"}, {112, 38412, "0.29 %"}, {984, 1000, "98.4 %"},
		{1, 1_000_000, "<0.01 %"}, {999_999, 1_000_000, "99.99 %"}, {9994, 100_000, "9.99 %"}, {9996, 100_000, "10.0 %"},
	} {
		if got := Percent(c.part, c.whole); got != c.want {
			t.Errorf("Percent(%d, %d) = %q, want %q", c.part, c.whole, got, c.want)
		}
	}
	// Nothing that failed may be rounded away, nothing that happened either.
	for whole := int64(2); whole < 5_000_000; whole = whole*5/4 + 1 {
		for _, part := range []int64{1, whole - 1} {
			got := Percent(part, whole)
			if got == "100.0 %" || got == "0.00 %" || len(got) > 7 {
				t.Fatalf("Percent(%d, %d) = %q", part, whole, got)
			}
		}
	}
	if got := Success(85325, 100_000); got != "85.32 %" {
		t.Errorf("Success = %q", got)
	}
	if got := Success(99_999_999, 100_000_000); got != "99.99 %" {
		t.Errorf("Success = %q", got)
	}
}

func TestChangeAndBytes(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Change(284, 310), "+9 %"}, {Change(1000, 680), "-32 %"}, {Change(100, 100), "0 %"}, {Change(10, 120), "×12"}, {Change(0, 5), ""},
		{Bytes(312), "312 B"}, {Bytes(4096), "4.10 kB"}, {Bytes(1_240_000), "1.24 MB"}, {Bytes(999_999), "1.00 MB"}, {Bytes(5e12), "5.00 TB"}, {Bytes(-1), "0 B"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	if got := Right("µ", 3) + Left("≥", 3) + "|"; got != "  µ≥  |" {
		t.Errorf("fields count bytes instead of characters: %q", got)
	}
}

func TestBetween(t *testing.T) {
	for _, c := range []struct {
		low, high int64
		want      string
	}{{30_800_000, 31_200_000, "30.8 – 31.2 ms"}, {980_000, 1_020_000, "980 µs – 1.02 ms"}, {5, 7, "5 – 7 ns"}} {
		if got := Between(c.low, c.high); got != c.want {
			t.Errorf("%d to %d: %q, want %q", c.low, c.high, got, c.want)
		}
	}
}

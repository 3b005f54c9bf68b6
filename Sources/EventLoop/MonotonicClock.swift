import Glibc

/// Time that never jumps, for deadlines.
public enum MonotonicClock {
    /// Milliseconds since an arbitrary moment.
    public static func nowMilliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

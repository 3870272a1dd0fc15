// Sources/Linux/Clock.swift — the time, through the vDSO.

internal import CLinux

/// Reads clocks without entering the kernel where the kernel maps code for that: vdso(7), clock_gettime(2).
public enum Clock {
    /// Milliseconds since an unspecified moment, never decreasing (CLOCK_MONOTONIC).
    @inline(__always)
    public static var monotonicMilliseconds: UInt64 {
        let time = read(CLOCK_MONOTONIC)
        return UInt64(time.tv_sec) &* 1000 &+ UInt64(time.tv_nsec) / 1_000_000
    }

    /// Nanoseconds since an unspecified moment, never decreasing.
    @inline(__always)
    public static var monotonicNanoseconds: UInt64 {
        let time = read(CLOCK_MONOTONIC)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// Milliseconds since 1970-01-01T00:00Z, by the machine's clock (CLOCK_REALTIME).
    public static var unixMilliseconds: UInt64 {
        let time = read(CLOCK_REALTIME)
        return UInt64(time.tv_sec) &* 1000 &+ UInt64(time.tv_nsec) / 1_000_000
    }

    /// Nanoseconds that a thread of this process has run; 0 if there is none: clock_gettime(2) on a thread's own clock.
    package static func processorTime(ofThread number: Int) -> UInt64 {
        // <linux/posix-timers.h> of the kernel: the complement of the thread's number, 4 for one thread, 2 for
        // scheduled.
        let time = read(Int32(truncatingIfNeeded: ~number << 3 | 4 | 2))
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    @inline(never)
    private static func read(_ clock: Int32) -> __kernel_timespec {
        var time = __kernel_timespec()
        // SAFETY: both the vDSO's function and the system call write one timespec.
        unsafe withUnsafeMutablePointer(to: &time) { time in
            if let function = unsafe VDSO.clockGetTime {
                _ = unsafe function(clock, time)
            } else {
                _ = linux_syscall2(number(__NR_clock_gettime), Int(clock), Int(bitPattern: time))
            }
        }
        return time
    }
}

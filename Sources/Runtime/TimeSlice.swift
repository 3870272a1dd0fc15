// Sources/Runtime/TimeSlice.swift — how long tasks may run before descriptors are looked at.

import Bytes
import Linux

/// A number of jobs and a time, whichever ends first.
///
/// The clock is read after the first job, after the second, the fourth and so on, and then after each
/// `Config.jobsPerLook`: short jobs do not pay for it, and of long ones few run beyond the end.
struct TimeSlice {
    private var jobs = Config.jobsPerTurn
    private var stride = 1
    private var untilLook = 1
    private let end = Clock.monotonicNanoseconds + Config.sliceTime

    /// Whether one more job may run. Call it after each.
    @inline(__always)
    mutating func continues() -> Bool {
        jobs -= 1
        untilLook -= 1
        guard jobs > 0 else { return false }
        return untilLook > 0 || isInTime()
    }

    private mutating func isInTime() -> Bool {
        stride = Swift.min(stride * 2, Config.jobsPerLook)
        untilLook = stride
        return Clock.monotonicNanoseconds < end
    }
}

// Sources/Primitives/AdaptiveSpin.swift — whether to poll again or to sleep.

import Bytes

/// Decides before each wait whether to poll the kernel for a moment before sleeping.
///
/// Sleeping costs an interrupt and a switch, and in a virtual machine an exit to its host: more than polling for as
/// long as a peer on the same machine needs for its answer. Polling in vain wastes processor time. So the results of
/// the last attempts decide:
///
///     penalty   0: each wait begins with an attempt        an attempt that paid: −1
///               n: one of 2ⁿ waits does                    an attempt in vain:  +2, at most `Config.maxSpinPenalty`
///
/// Below two successes in three attempts the penalty grows, until an attempt is a rare look at whether times have
/// changed.
package struct AdaptiveSpin: Sendable {
    private var penalty = 0
    /// Number of waits left without an attempt.
    private var skips = 0

    /// Begins with an attempt.
    package init() {}

    /// Whether the next wait begins with an attempt. Call once for each wait.
    @inline(__always)
    package mutating func isDue() -> Bool {
        guard skips > 0 else { return true }
        skips -= 1
        return false
    }

    /// Records the result of the attempt.
    package mutating func attempted(hasPaid: Bool) {
        penalty = hasPaid ? Swift.max(penalty - 1, 0) : Swift.min(penalty + 2, Config.maxSpinPenalty)
        skips = 1 << penalty - 1
    }
}

// Sources/Primitives/AdaptiveSpin.swift — whether to ask again, or to sleep.

import Bytes

/// Decides before each wait whether it is worthwhile to ask the kernel over and over for a moment before sleeping.
///
/// To sleep costs an interrupt and a switch, and in a virtual machine an exit to its host and back: more than to ask
/// for as long as an answer from a peer on the same machine takes. But to ask in vain is processor time for nothing. So
/// what the last attempts brought decides:
///
///     penalty   0: each wait begins with an attempt        an attempt that paid: −1
///               n: one of 2ⁿ waits does                    an attempt in vain:  +2, at most `Config.maxSpinPenalty`
///
/// Below two successes in three attempts the penalty grows, until an attempt is a rare look at whether times have
/// changed.
public struct AdaptiveSpin: Sendable {
    private var penalty = 0
    /// How many waits are still to pass without an attempt.
    private var skips = 0

    /// Begins with an attempt.
    public init() {}

    /// Whether the wait that is about to begin is to begin with an attempt. Ask once a wait.
    @inline(__always)
    public mutating func isDue() -> Bool {
        guard skips > 0 else { return true }
        skips -= 1
        return false
    }

    /// Notes what the attempt brought.
    public mutating func attempted(hasPaid: Bool) {
        penalty = hasPaid ? Swift.max(penalty - 1, 0) : Swift.min(penalty + 2, Config.maxSpinPenalty)
        skips = 1 << penalty - 1
    }
}

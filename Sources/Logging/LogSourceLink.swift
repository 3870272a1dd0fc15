// Sources/Logging/LogSourceLink.swift — the list of the threads that log.

import Primitives
import Synchronization

/// A link of the list of all threads' parts of the log, which only grows: the sink has the first, each part the next.
///
/// Algorithm: a new part goes behind the last; where two threads meet there, the later one walks on. Nothing is taken
/// out, so a word that was read stays true, and no ABA. Lock-free; ``source`` is a load, also for a crash handler.
///
/// - Invariant: the word is 0, or the address of an immortal `LogSource`. It is stored once.
@safe struct LogSourceLink: ~Copyable, @unchecked Sendable {
    // SHARED: stored releasing and read acquiring: what the object holds was written before.
    private let word = Atomic<UInt>(0)

    /// The part that it leads to; nil: none yet.
    var source: LogSource? { Self.source(at: word.load(ordering: .acquiring)) }

    /// Leads to `source` from now on, if it leads nowhere yet. Returns where it has led before.
    func connect(to source: ImmortalReference<LogSource>) -> LogSource? {
        // Both orders: the object is published here, and another thread's is read.
        let address = unsafe UInt(bitPattern: source.address)
        return Self.source(
            at: word.compareExchange(expected: 0, desired: address, ordering: .acquiringAndReleasing).original)
    }

    private static func source(at address: UInt) -> LogSource? {
        guard let address = unsafe UnsafeMutableRawPointer(bitPattern: address) else { return nil }
        // SAFETY: a word that is not 0 was stored by `connect`.
        return unsafe ImmortalReference<LogSource>(address: address).object
    }
}

// Tests/Freestanding/CheckSupport/Barrier.swift — what threads meet at.

import Linux
import Synchronization

/// A point that threads pass together, once.
public struct Barrier: ~Copyable, Sendable {
    private let arrived = Atomic<Int>(0)

    /// A barrier without arrivals.
    public init() {}

    /// Waits for as many calls as `count` says.
    public func wait(for count: Int) {
        arrived.add(1, ordering: .acquiringAndReleasing)
        while arrived.load(ordering: .acquiring) < count { RawThread.yield() }
    }
}

/// An atomic word that a fixed array can hold.
public struct AtomicWord: ~Copyable, Sendable {
    /// The word.
    public let value = Atomic<UInt>(0)

    /// Zero.
    public init() {}
}

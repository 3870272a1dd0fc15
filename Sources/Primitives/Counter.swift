// Sources/Primitives/Counter.swift — a number that one thread changes and others read.

import Synchronization

/// A count for people: nothing is decided by it, since other threads read it late.
///
/// Relaxed: it orders nothing; and since it has one writer, it is changed by a load and a store, not by a locked
/// instruction.
public struct Counter: ~Copyable, Sendable {
    private let storage = Atomic<Int>(0)

    /// 0.
    public init() {}

    /// The number as it was a moment ago.
    @inline(__always)
    public var value: Int { storage.load(ordering: .relaxed) }

    /// Adds to the number. Its one writer only.
    @inline(__always)
    public func add(_ amount: Int = 1) {
        storage.store(storage.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }
}

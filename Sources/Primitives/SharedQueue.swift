// Sources/Primitives/SharedQueue.swift — a queue of all workers, for what fits into none of theirs.

import Linux
import Synchronization

/// An unbounded FIFO of entries, which any thread appends to and takes from, several at a time.
///
/// It is for rare things, and has a lock: held for the links of an append, or for a walk over what is taken. Length and
/// links are words that only the holder writes, relaxed; the lock orders them: taken with *acquire*, given back with
/// *release*. A thread that finds it taken spins for a moment and then yields its processor, so it is not lock-free.
/// ``isEmpty`` is *sequentially consistent* and so is the store of the length: a worker that has announced its sleep,
/// and then sees an empty queue, is seen asleep by the thread that appends next (`Tests/models/steal.pml`).
///
/// - Invariant: the nodes from `first` to `last` are this queue's alone, from their ``push(_:)`` to their
///   ``take(upTo:)``; only the holder of the lock follows their links.
@safe public struct SharedQueue: ~Copyable, Sendable {
    private let isLocked = Atomic<Bool>(false)
    private let length = Atomic<Int>(0)
    private let first = Atomic<UInt>(0)
    private let last = Atomic<UInt>(0)

    /// An empty queue.
    package init() {}

    /// How many entries there are. Any thread; the answer may be old when it arrives.
    @inline(__always)
    package var count: Int { length.load(ordering: .sequentiallyConsistent) }

    /// Whether there is nothing: as ``count``.
    @inline(__always)
    package var isEmpty: Bool { count == 0 }

    private func lock() {
        var attempts = 0
        while isLocked.exchange(true, ordering: .acquiring) {
            attempts += 1
            if attempts % 64 == 0 { RawThread.yield() } else { RawThread.relax() }
        }
    }

    private func unlock() { isLocked.store(false, ordering: .releasing) }

    /// Appends `node`. Any thread.
    ///
    /// - Safety: the node is in no queue, and stays valid until it was taken.
    @unsafe package func push(_ node: UnsafeMutablePointer<InboxNode>) {
        lock()
        unsafe node.pointee.next = nil
        // SAFETY: the last node is in the queue, so it is valid and the holder's.
        if let last = unsafe UnsafeMutablePointer<InboxNode>(bitPattern: last.load(ordering: .relaxed)) {
            unsafe last.pointee.next = node
        } else {
            first.store(UInt(bitPattern: node), ordering: .relaxed)
        }
        last.store(UInt(bitPattern: node), ordering: .relaxed)
        length.store(length.load(ordering: .relaxed) + 1, ordering: .sequentiallyConsistent)
        unlock()
    }

    /// Takes up to `limit` entries, at least 1: the oldest, linked in their order. Any thread.
    ///
    /// - Returns: nil if there is nothing.
    @unsafe package func take(upTo limit: Int) -> UnsafeMutablePointer<InboxNode>? {
        lock()
        defer { unlock() }
        // SAFETY: all nodes from the first one on are in the queue, so they are valid and the holder's.
        guard let taken = unsafe UnsafeMutablePointer<InboxNode>(bitPattern: first.load(ordering: .relaxed))
        else { return nil }
        var end = unsafe taken
        var count = 1
        while count < limit, let next = unsafe end.pointee.next {
            unsafe end = next
            count += 1
        }
        let rest = unsafe end.pointee.next
        unsafe end.pointee.next = nil
        first.store(UInt(bitPattern: rest), ordering: .relaxed)
        if unsafe rest == nil { last.store(0, ordering: .relaxed) }
        length.store(length.load(ordering: .relaxed) - count, ordering: .sequentiallyConsistent)
        return unsafe taken
    }
}

// Sources/Primitives/HeapMailbox.swift — the part of a heap that other threads may touch.

import Synchronization

/// Where other threads put the blocks of a heap that they free, until its owner collects them.
///
/// Algorithm: Treiber's stack (IBM RJ 5118, 1986) through the blocks themselves, emptied whole.
///
/// - ABA: a push never looks into the block that it compares with, and blocks are not popped singly.
/// - Memory order: push *releases* what the freeing thread did to the block before, the owner *acquires* it, so that
///   it is done before the block is handed out again.
/// - Progress: push is lock-free, taking is wait-free.
@safe struct HeapMailbox: ~Copyable {
    /// Whose it is.
    let heap: UnsafeMutablePointer<Heap>
    private let blocks = Atomic<UInt>(0)
    /// The next heap without a thread, while this one has none.
    private let nextAbandoned = Atomic<UInt>(0)

    /// The heaps without a thread: the same kind of stack, of mailboxes.
    private static let abandoned = Atomic<UInt>(0)

    init(of heap: UnsafeMutablePointer<Heap>) {
        unsafe self.heap = heap
    }

    /// Puts a freed block in. Any thread.
    func push(_ pointer: UnsafeMutableRawPointer) {
        let block = unsafe pointer.assumingMemoryBound(to: FreeBlock.self)
        var old = blocks.load(ordering: .relaxed)
        while true {
            // SAFETY: the block is the caller's until the exchange succeeds.
            unsafe block.pointee.next = UnsafeMutablePointer(bitPattern: old)
            let (exchanged, current) = blocks.weakCompareExchange(
                expected: old, desired: UInt(bitPattern: block),
                successOrdering: .releasing, failureOrdering: .relaxed)
            if exchanged { return }
            old = current
        }
    }

    /// Takes all blocks. Owner only. Cost: one load if there is none.
    @inline(__always)
    func takeAll() -> UnsafeMutablePointer<FreeBlock>? {
        guard blocks.load(ordering: .relaxed) != 0 else { return nil }
        return unsafe UnsafeMutablePointer(bitPattern: blocks.exchange(0, ordering: .acquiring))
    }

    /// Offers the heap of `mailbox`, whose thread ends, for adoption. Releases what that thread did to it.
    static func abandon(_ mailbox: UnsafeMutablePointer<HeapMailbox>) {
        unsafe push(mailbox, last: mailbox)
    }

    /// Takes one of the heaps without a thread; nil if there is none, or if another thread is choosing just now.
    static func adopt() -> UnsafeMutablePointer<Heap>? {
        // Taken whole, and the rest put back: popping one would have to look into a mailbox that may be gone by then.
        let taken = abandoned.exchange(0, ordering: .acquiring)
        guard let first = unsafe UnsafeMutablePointer<HeapMailbox>(bitPattern: taken) else { return nil }
        if let rest = unsafe next(after: first) {
            var last = unsafe rest
            while let further = unsafe next(after: last) { unsafe last = further }
            unsafe push(rest, last: last)
        }
        return unsafe first.pointee.heap
    }

    private static func next(after mailbox: UnsafeMutablePointer<HeapMailbox>) -> UnsafeMutablePointer<HeapMailbox>? {
        unsafe UnsafeMutablePointer(bitPattern: mailbox.pointee.nextAbandoned.load(ordering: .relaxed))
    }

    private static func push(
        _ first: UnsafeMutablePointer<HeapMailbox>, last: UnsafeMutablePointer<HeapMailbox>
    ) {
        var old = abandoned.load(ordering: .relaxed)
        while true {
            unsafe last.pointee.nextAbandoned.store(old, ordering: .relaxed)
            let (exchanged, current) = abandoned.weakCompareExchange(
                expected: old, desired: UInt(bitPattern: first),
                successOrdering: .releasing, failureOrdering: .relaxed)
            if exchanged { return }
            old = current
        }
    }
}

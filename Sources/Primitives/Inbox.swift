// Sources/Primitives/Inbox.swift — the lock-free queue of work that other threads send to a worker.

import Synchronization

/// One entry of an ``Inbox``, embedded at the start of whatever is sent. 16 bytes.
///
/// - Invariant: what follows `next` is the queue's that holds the entry; a copy of a node is in no queue.
@safe package struct InboxNode {
    /// The following entry of the list that ``Inbox/drain()`` returned. Owned by the inbox between push and drain.
    package var next: UnsafeMutablePointer<InboxNode>?
    /// What the entry is; sender and owner agree on the values.
    package var kind: UInt

    /// An entry that is in no inbox.
    @inline(__always)
    package init(kind: UInt) {
        unsafe next = nil
        self.kind = kind
    }
}

/// A queue with many senders and one owner, in one word, that also says whether the owner sleeps.
///
/// Algorithm: Treiber's stack (R. K. Treiber, *Systems Programming: Coping with Parallelism*, IBM RJ 5118, 1986) that
/// is only ever emptied whole, and then reversed: entries come out in the order in which their pushes succeeded.
///
///                 1 prepareToSleep                       the word:  0     empty, the owner is awake
///        ┌───┐ ───────────────────▶ ┌───┐                           1     empty, the owner sleeps
///        │ 0 │ ◀─────────────────── │ 1 │                           else  newest entry
///        └───┘       2 drain        └───┘
///       │     ▲                       │
///     3 push  │ 2 drain               │ 3 push, returns true: ring the owner's eventfd
///       ▼     │                       │
///     ┌────────────┐                  │
///     │ newest ──▶ │ ◀────────────────┘
///     └────────────┘ 3 push
///
/// Two more arrows lead from 1 to 0: ``endSleep()`` of the owner, and ``wake()`` of another thread, which sends
/// nothing.
///
/// - ABA: a push compares with the newest entry and never looks into it, and nothing is popped singly. If that entry
///   was drained, freed and pushed again meanwhile, the link that the push wrote is right all the same.
/// - Memory order: push *releases* (the entry's content is written before it can be seen), drain *acquires*. The sleep
///   sentinel needs neither: it is in the same word, so the order of its changes is the order of that word's changes,
///   and a push comes either before the sentinel (then ``prepareToSleep()`` fails) or after it (then the push sees it).
///   `Tests/models/inbox.pml` proves that no wake-up is lost. What is queued elsewhere, for a worker that is asleep, is
///   another word's: for that, the sentinel is written and looked for *sequentially consistent* (`StealQueue`), which
///   on x86 costs what a relaxed exchange and a relaxed load cost.
/// - Progress: push is lock-free (it repeats only if another one succeeded); drain and sleep are wait-free.
///
/// Everything is the owner's alone but `push`, `wake`, and what only looks.
///
/// - Invariant: the word is one of the diagram's; an entry belongs to the inbox from its push to the drain that returns
///   it.
@safe public struct Inbox: ~Copyable {
    private let head = Atomic<UInt>(Self.empty)

    private static var empty: UInt { 0 }
    private static var sleeping: UInt { 1 }

    /// An empty inbox whose owner is awake.
    @inline(__always)
    package init() {}

    /// Whether there is nothing to drain. Any thread may ask; the answer may be old when it arrives.
    @inline(__always)
    package var isEmpty: Bool { head.load(ordering: .relaxed) <= Self.sleeping }

    /// Sends `node`. Any thread.
    ///
    /// - Safety: the node is in no inbox, and stays valid until the owner has drained it.
    /// - Returns: true if the owner sleeps: this caller, and no other, must ring its eventfd.
    @inline(__always)
    @unsafe package func push(_ node: UnsafeMutablePointer<InboxNode>) -> Bool {
        var old = head.load(ordering: .relaxed)
        while true {
            // SAFETY: until the exchange succeeds the node is ours; afterwards it is not touched again. The sentinels
            // 0 and 1 both mean "nothing follows".
            unsafe node.pointee.next = UnsafeMutablePointer(bitPattern: old & ~Self.sleeping)
            let (exchanged, current) = head.weakCompareExchange(
                expected: old, desired: UInt(bitPattern: node),
                successOrdering: .releasing, failureOrdering: .relaxed)
            if exchanged { return old == Self.sleeping }
            old = current
        }
    }

    /// Takes everything, oldest first, and marks the owner awake. Owner only.
    ///
    /// Cost: one load if there is nothing; else one exchange and one pass to reverse.
    @inline(__always)
    @unsafe package func drain() -> UnsafeMutablePointer<InboxNode>? {
        guard head.load(ordering: .relaxed) != Self.empty else { return nil }
        let taken = head.exchange(Self.empty, ordering: .acquiring)
        var node = unsafe UnsafeMutablePointer<InboxNode>(bitPattern: taken & ~Self.sleeping)
        var oldestFirst: UnsafeMutablePointer<InboxNode>? = nil
        // SAFETY: the exchange made the whole chain ours.
        while let current = unsafe node {
            unsafe node = current.pointee.next
            unsafe current.pointee.next = oldestFirst
            unsafe oldestFirst = current
        }
        return unsafe oldestFirst
    }

    /// Announces that the owner is going to wait for its eventfd. Owner only; ``drain()`` takes it back.
    ///
    /// - Returns: false if something is there already: drain instead of sleeping.
    @inline(__always)
    package func prepareToSleep() -> Bool {
        head.compareExchange(
            expected: Self.empty, desired: Self.sleeping, ordering: .sequentiallyConsistent
        ).exchanged
    }

    /// Marks the owner awake, if it is not yet. Owner only; what was sent stays to be drained.
    ///
    /// Acquire: it sees what the thread that woke it had stored before ``wake()``.
    @inline(__always)
    package func endSleep() {
        guard head.load(ordering: .acquiring) == Self.sleeping else { return }
        _ = head.compareExchange(expected: Self.sleeping, desired: Self.empty, ordering: .acquiring)
    }

    /// Whether the owner has announced that it sleeps. Any thread; sequentially consistent.
    @inline(__always)
    package var isOwnerAsleep: Bool { head.load(ordering: .sequentiallyConsistent) == Self.sleeping }

    /// Takes the owner out of its sleep without sending anything. Any thread.
    ///
    /// - Returns: true if the owner slept: this caller, and no other, must ring its eventfd.
    package func wake() -> Bool {
        head.compareExchange(expected: Self.sleeping, desired: Self.empty, ordering: .acquiringAndReleasing).exchanged
    }
}

// Sources/Primitives/StealQueue.swift — one worker's queue of words, from which idle workers steal.

import Bytes
import Synchronization

/// A bounded FIFO with one owner, which appends and takes, and thieves, which take the older half at once.
///
/// Algorithm: the run queue of Go's scheduler (`runqput`, `runqget`, `runqgrab` in runtime/proc.go, after D. Vyukov),
/// which tokio uses too. A ring and two indices that only grow; an element's slot is its index modulo the capacity.
///
///              head ─▶ oldest … newest ◀─ tail
///     pop, steal: CAS head forward          push: stores a slot, then tail
///
/// - ABA: the indices have 64 bits and never wrap. A thief reads slots first and then moves the head from where it read
///   it: if that succeeds, no element behind it was taken meanwhile, so the owner has not used their slots again.
/// - Memory order: `tail` is stored *sequentially consistent*, which releases the slot and what the word names, and
///   orders the store before the owner's look for a sleeping thief (`FreeTasks`): the one fence of a push. A thief
///   loads it with *acquire*. The owner loads `head` with *acquire* before it uses a slot again, and a thief moves it
///   with *release* after it has read: the owner cannot overwrite what is being read. The owner's own CAS of `head` is
///   *relaxed*: it reads and writes slots in program order. Slots are *relaxed*; the indices order them.
/// - Cost: a push is one exchange, a pop one CAS, both on the owner's own cache lines. Fewer cannot be: a take that
///   thieves compete with needs a fence or an atomic read-modify-write (H. Attiya et al., *Laws of Order*, POPL 2011);
///   Chase and Lev's deque has its fence in each pop, too, and is last in, first out, which yielding tasks starve in.
/// - Progress: push is wait-free; pop and steal are lock-free, since they repeat only if another one took something.
///
/// `Tests/models/steal.pml` proves that each element is taken once, and that no wake-up is lost around it.
///
/// - Invariant: `slots` are ``capacity`` initialised words until the queue is destroyed.
@safe public struct StealQueue: ~Copyable {
    /// Most elements.
    package static var capacity: Int { 256 }

    private let head = Atomic<UInt>(0)
    // Thieves write the head, the owner the tail: they are not in one cache line.
    private let padding: [7 of UInt] = .init(repeating: 0)
    private let tail = Atomic<UInt>(0)
    private let slots: UnsafeMutablePointer<Atomic<UInt>>

    /// An empty queue. Cost: one allocation.
    package init() {
        unsafe slots = .allocate(capacity: Self.capacity)
        for index in 0..<Self.capacity { unsafe (slots + index).initialize(to: Atomic(0)) }
    }

    deinit {
        unsafe slots.deinitialize(count: Self.capacity)
        unsafe slots.deallocate()
    }

    /// The word of the element `index`.
    @inline(__always)
    private func load(_ index: UInt) -> UInt {
        // SAFETY: the invariant; the place is less than the capacity, a power of two.
        unsafe slots[Int(truncatingIfNeeded: index & UInt(Self.capacity - 1))].load(ordering: .relaxed)
    }

    @inline(__always)
    private func store(_ word: UInt, at index: UInt) {
        // SAFETY: as in `load`.
        unsafe slots[Int(truncatingIfNeeded: index & UInt(Self.capacity - 1))].store(word, ordering: .relaxed)
    }

    /// How many elements there are. Any thread; only an estimate but for the owner of a queue that has no thieves.
    ///
    /// Sequentially consistent loads, which cost what others do: a worker that has announced its sleep looks after
    /// that.
    @inline(__always)
    package var count: Int {
        let head = self.head.load(ordering: .sequentiallyConsistent)
        let tail = self.tail.load(ordering: .sequentiallyConsistent)
        return Swift.max(Int(bitPattern: tail &- head), 0)
    }

    /// Whether there seems to be nothing: as ``count``.
    @inline(__always)
    package var isEmpty: Bool { count == 0 }

    /// Appends `word`. Owner only.
    ///
    /// - Returns: false if the queue is full.
    @inline(__always)
    package func push(_ word: UInt) -> Bool {
        let tail = self.tail.load(ordering: .relaxed)
        guard tail &- head.load(ordering: .acquiring) < UInt(Self.capacity) else { return false }
        store(word, at: tail)
        self.tail.store(tail &+ 1, ordering: .sequentiallyConsistent)
        return true
    }

    /// Takes the oldest element; nil if there is none. Owner only.
    @inline(__always)
    package func pop() -> UInt? {
        var head = self.head.load(ordering: .relaxed)
        let tail = self.tail.load(ordering: .relaxed)
        while head != tail {
            let word = load(head)
            let (exchanged, current) = self.head.compareExchange(
                expected: head, desired: head &+ 1, ordering: .relaxed)
            if exchanged { return word }
            head = current
        }
        return nil
    }

    /// Takes the older half of the elements, at least one: the oldest is the result, the others go into `own`, in their
    /// order. The owner of `own` only; it has room for half a queue.
    ///
    /// - Returns: nil if there is nothing.
    package func steal(into own: borrowing StealQueue) -> UInt? {
        var head = self.head.load(ordering: .acquiring)
        while true {
            let available = tail.load(ordering: .acquiring) &- head
            if available == 0 { return nil }
            // The head was old when the tail was read.
            if available > UInt(Self.capacity) {
                head = self.head.load(ordering: .acquiring)
                continue
            }
            let taken = available - available / 2
            let first = load(head)
            let end = own.tail.load(ordering: .relaxed)
            // Behind the tail, so that no thief sees it before it is published.
            for offset in 1..<taken {
                let word = load(head &+ offset)
                own.store(word, at: end &+ offset &- 1)
            }
            let (exchanged, current) = self.head.compareExchange(
                expected: head, desired: head &+ taken, successOrdering: .acquiringAndReleasing,
                failureOrdering: .acquiring)
            if exchanged {
                if taken > 1 { own.tail.store(end &+ taken &- 1, ordering: .sequentiallyConsistent) }
                return first
            }
            head = current
        }
    }

    /// Whether ``steal(into:)`` may put a half of another queue here. Owner only.
    package var hasRoomForHalf: Bool { count <= Self.capacity / 2 }
}

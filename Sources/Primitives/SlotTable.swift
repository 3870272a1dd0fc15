// Sources/Primitives/SlotTable.swift — a growing table of slots that never move, with generations.

import Bytes
import Linux
import Synchronization

/// Names one use of a slot in a ``SlotTable``. A handle of an earlier use is *stale*; every operation detects that.
///
/// A generation returns after 2³² − 1 uses of the same slot: a handle kept for that long could be mistaken. At a
/// million uses a second of one slot that is more than an hour; drop a handle long before that.
package struct SlotHandle: Equatable, BitwiseCopyable, Sendable {
    /// Which slot.
    package var index: UInt32
    /// Which use of it; never 0.
    package var generation: UInt32

    /// The handle of that use of that slot.
    @inline(__always)
    package init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    /// The handle of ``rawValue``.
    @inline(__always)
    package init(rawValue: UInt64) {
        index = UInt32(truncatingIfNeeded: rawValue)
        generation = UInt32(truncatingIfNeeded: rawValue >> 32)
    }

    /// Both in one word (`epoll_event.data`, say), the generation above. Never 0: that can stand for "no handle".
    @inline(__always)
    package var rawValue: UInt64 { UInt64(generation) << 32 | UInt64(index) }
}

/// Result of ``SlotTable/compareExchangeState(_:from:to:)``.
package enum SlotExchange: Equatable, Sendable {
    /// The state was as expected, and is now the new one.
    case ok
    /// The slot is free or in another use.
    case stale
    /// The slot is in this other state, and unchanged.
    case current(UInt32)
}

/// A table of 16-byte slots, each with a state, a payload word, and a generation that tells its uses apart.
///
/// Any thread may call anything. The table grows by chunks of `Config.slotsPerChunk`, each mapped when it is first
/// needed and kept until the table goes; slots never move.
///
/// Algorithm: free slots form Treiber's stack (IBM RJ 5118, 1986) of indices, linked through their payload words; slots
/// that were never used are handed out by a counter.
///
/// - ABA: the stack's head is {tag:32 | index:32}, and each push and pop counts the tag up. A pop goes wrong only if
///   between its load and its exchange exactly a multiple of 2³² of them happened.
/// - Stale handles: generation and state are one atomic word, so comparing the one and changing the other is one step.
/// - Memory order: allocation *releases* the slot's word after it stored the payload, and every look at the word
///   *acquires*. A pop acquires what the push of that slot released. Counters are relaxed: they order nothing.
/// - Progress: lock-free; growing is one system call, and two threads that grow at once both map, and one unmaps.
///
/// - Invariant: `chunks` has a word for each chunk of `capacity` slots; a chunk is mapped, and zeros, before its
///   address is stored, and stays until the table goes. An index beyond is stale.
@safe public struct SlotTable: ~Copyable {
    /// Most slots that the table can have.
    package let capacity: Int

    /// {tag:32 | index + 1:32} of the first free slot; index + 1 = 0: none.
    private let free = Atomic<UInt64>(0)
    /// Slots handed out at least once: all below are initialised.
    private let touched = Atomic<UInt32>(0)
    private let allocated = Atomic<Int>(0)
    /// One address a chunk, 0 until it is mapped.
    private let chunks: UnsafeMutablePointer<Atomic<UInt>>

    private static var chunkBytes: Int { Config.slotsPerChunk * MemoryLayout<Slot>.stride }

    /// A table of at most `capacity` slots, `1...` 2³² − 2. Maps the directory of chunks only, 8 bytes a chunk.
    package init(capacity: Int = Config.maxSlots) throws(Errno) {
        precondition(capacity > 0 && capacity < Int(UInt32.max), "a slot's index has 32 bits")
        self.capacity = capacity
        // SAFETY: a fresh mapping is zeros, which is what `Atomic<UInt>(0)` is in memory.
        unsafe chunks = try Memory.map(Self.directoryBytes(capacity)).assumingMemoryBound(to: Atomic<UInt>.self)
    }

    deinit {
        for chunk in 0..<Self.chunkCount(capacity) {
            // SAFETY: this is the last reference to the table, so its chunks are not in use.
            let address = unsafe chunks[chunk].load(ordering: .acquiring)
            if let start = unsafe UnsafeMutableRawPointer(bitPattern: address) {
                unsafe Memory.unmap(start, Self.chunkBytes)
            }
        }
        unsafe Memory.unmap(chunks, Self.directoryBytes(capacity))
    }

    /// Slots in use. The answer may be old when it arrives.
    @inline(__always)
    package var count: Int { allocated.load(ordering: .relaxed) }

    /// Takes a free slot, preferring the one freed last, whose memory is still in the cache.
    ///
    /// - Returns: its handle; nil if the table is full or the kernel has no memory for another chunk.
    package func allocate(payload: UInt, state: UInt32) -> SlotHandle? {
        guard let index = popFree() ?? touchNew() else { return nil }
        // SAFETY: the slot is this thread's alone until its word is stored.
        let slot = unsafe slot(index).unsafelyUnwrapped
        let generation = unsafe Word(slot.pointee.word.load(ordering: .relaxed)).generation
        unsafe slot.pointee.payload.store(payload, ordering: .relaxed)
        unsafe slot.pointee.word.store(Word(generation: generation, state: state).bits, ordering: .releasing)
        allocated.add(1, ordering: .relaxed)
        return SlotHandle(index: index, generation: generation)
    }

    /// Sets the payload of a slot that the caller has allocated and not shared yet. A ``compareExchangeState``
    /// that follows releases it.
    @inline(__always)
    package func setPayload(_ handle: SlotHandle, _ payload: UInt) {
        // SAFETY: a handle that was allocated names a mapped slot.
        unsafe slot(handle.index).unsafelyUnwrapped.pointee.payload.store(payload, ordering: .relaxed)
    }

    /// Frees the slot, whatever its state: this handle and its copies are stale from here on.
    ///
    /// - Returns: false if it was stale already; exactly one caller gets true.
    package func release(_ handle: SlotHandle) -> Bool {
        guard let slot = unsafe slot(handle.index) else { return false }
        var word = unsafe Word(slot.pointee.word.load(ordering: .relaxed))
        repeat {
            guard word.generation == handle.generation else { return false }
        } while unsafe !exchange(slot, &word, word.released)
        allocated.subtract(1, ordering: .relaxed)
        unsafe pushFree(handle.index, slot)
        return true
    }

    /// Changes the state if the handle is not stale and the state is `from`, in one step.
    @inline(__always)
    package func compareExchangeState(_ handle: SlotHandle, from: UInt32, to: UInt32) -> SlotExchange {
        guard let slot = unsafe slot(handle.index) else { return .stale }
        let (exchanged, current) = unsafe slot.pointee.word.compareExchange(
            expected: Word(generation: handle.generation, state: from).bits,
            desired: Word(generation: handle.generation, state: to).bits,
            ordering: .acquiringAndReleasing)
        if exchanged { return .ok }
        let word = Word(current)
        return word.generation == handle.generation ? .current(word.state) : .stale
    }

    /// The state of the slot; nil if the handle is stale.
    @inline(__always)
    package func state(_ handle: SlotHandle) -> UInt32? {
        guard let slot = unsafe slot(handle.index) else { return nil }
        let word = unsafe Word(slot.pointee.word.load(ordering: .acquiring))
        return word.generation == handle.generation ? word.state : nil
    }

    /// The payload that the slot was allocated with; nil if the handle is stale.
    ///
    /// What the payload points at may be gone a moment later, unless the caller knows that the slot stays in use.
    @inline(__always)
    package func payload(_ handle: SlotHandle) -> UInt? {
        guard state(handle) != nil, let slot = unsafe slot(handle.index) else { return nil }
        // A thread that frees the slot counts the generation up before it stores into the payload, and releases that
        // store: if the value read here is not of this use, the second look at the generation shows it.
        let payload = unsafe slot.pointee.payload.load(ordering: .acquiring)
        return state(handle) != nil ? payload : nil
    }
}

extension SlotTable {
    /// One slot, all zeros until its first use.
    private struct Slot: ~Copyable {
        /// A ``Word``.
        let word = Atomic<UInt64>(0)
        /// In use: the payload. Free: index + 1 of the next free slot, or 0.
        let payload = Atomic<UInt>(0)
    }

    /// {generation:32 | state:32}.
    struct Word {
        var bits: UInt64

        @inline(__always)
        init(_ bits: UInt64) { self.bits = bits }

        @inline(__always)
        init(generation: UInt32, state: UInt32) { bits = UInt64(generation) << 32 | UInt64(state) }

        var generation: UInt32 { UInt32(truncatingIfNeeded: bits >> 32) }
        var state: UInt32 { UInt32(truncatingIfNeeded: bits) }
        /// That of the next use, not begun: one generation on, but for 0, which no handle may have.
        var released: Word { Word(generation: generation == .max ? 1 : generation + 1, state: 0) }
    }

    private static func chunkCount(_ capacity: Int) -> Int {
        (capacity + Config.slotsPerChunk - 1) / Config.slotsPerChunk
    }

    private static func directoryBytes(_ capacity: Int) -> Int {
        Memory.pages(chunkCount(capacity) * MemoryLayout<UInt>.stride)
    }

    /// The slot of `index`; nil if no slot near it was ever used.
    @inline(__always)
    private func slot(_ index: UInt32) -> UnsafeMutablePointer<Slot>? {
        guard Int(index) < capacity else { return nil }
        // SAFETY: the directory has a word for every index below the capacity. Acquiring: the chunk was zeros before
        // its address was stored.
        let (chunk, offset) = (Int(index) / Config.slotsPerChunk, Int(index) % Config.slotsPerChunk)
        let address = unsafe chunks[chunk].load(ordering: .acquiring)
        guard let start = unsafe UnsafeMutablePointer<Slot>(bitPattern: address) else { return nil }
        return unsafe start + offset
    }

    /// Stores `new` if the slot's word is `word`; else reads it anew.
    @inline(__always)
    private func exchange(_ slot: UnsafeMutablePointer<Slot>, _ word: inout Word, _ new: Word) -> Bool {
        let (exchanged, current) = unsafe slot.pointee.word.weakCompareExchange(
            expected: word.bits, desired: new.bits,
            successOrdering: .acquiringAndReleasing, failureOrdering: .relaxed)
        word = Word(current)
        return exchanged
    }

    private func popFree() -> UInt32? {
        var head = free.load(ordering: .acquiring)
        while true {
            let first = UInt32(truncatingIfNeeded: head)
            guard first != 0 else { return nil }
            // SAFETY: an index on the stack is of a mapped slot. If the slot is in use again by now, what is read here
            // is its payload, the tag has changed, and the exchange fails.
            let next = unsafe slot(first - 1).unsafelyUnwrapped.pointee.payload.load(ordering: .relaxed)
            let (exchanged, current) = free.weakCompareExchange(
                expected: head, desired: Self.successor(of: head, first: UInt32(truncatingIfNeeded: next)),
                successOrdering: .acquiring, failureOrdering: .acquiring)
            if exchanged { return first - 1 }
            head = current
        }
    }

    private func pushFree(_ index: UInt32, _ slot: UnsafeMutablePointer<Slot>) {
        var head = free.load(ordering: .relaxed)
        while true {
            unsafe slot.pointee.payload.store(UInt(UInt32(truncatingIfNeeded: head)), ordering: .releasing)
            let (exchanged, current) = free.weakCompareExchange(
                expected: head, desired: Self.successor(of: head, first: index + 1),
                successOrdering: .releasing, failureOrdering: .relaxed)
            if exchanged { return }
            head = current
        }
    }

    private static func successor(of head: UInt64, first: UInt32) -> UInt64 {
        ((head >> 32) &+ 1) << 32 | UInt64(first)
    }

    /// Hands out a slot that was never used.
    private func touchNew() -> UInt32? {
        var index = touched.load(ordering: .relaxed)
        while true {
            guard Int(index) < capacity, ensureChunk(of: index) else { return nil }
            let (exchanged, current) = touched.weakCompareExchange(
                expected: index, desired: index + 1, ordering: .relaxed)
            if exchanged {
                // SAFETY: the chunk is mapped, and the counter gave this slot to us alone.
                let slot = unsafe slot(index).unsafelyUnwrapped
                unsafe slot.pointee.word.store(Word(generation: 1, state: 0).bits, ordering: .relaxed)
                return index
            }
            index = current
        }
    }

    /// Maps the chunk of `index` if it is not mapped yet.
    private func ensureChunk(of index: UInt32) -> Bool {
        if unsafe slot(index) != nil { return true }
        do throws(Errno) {
            let chunk = unsafe try Memory.map(Self.chunkBytes)
            // SAFETY: releasing, so a thread that sees the address sees zeros; the loser's mapping was never shared.
            let exchanged = unsafe chunks[Int(index) / Config.slotsPerChunk].compareExchange(
                expected: 0, desired: UInt(bitPattern: chunk), ordering: .releasing
            ).exchanged
            if !exchanged { unsafe Memory.unmap(chunk, Self.chunkBytes) }
            return true
        } catch {
            return false
        }
    }
}

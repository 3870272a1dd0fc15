// Sources/Primitives/Heap.swift — the memory of one thread: size classes over mapped segments.

import Bytes
import Linux
import Synchronization

/// A heap that one thread allocates from, and whose blocks any thread may free.
///
///     up to 8 KiB    a block of a slab of its size class        no atomics, no system call
///     up to 64 KiB   a run of 1...4 slabs
///     above          a mapping of its own
///
/// The design is that of free lists sharded by page (D. Leijen, B. Zorn, L. de Moura, *Mimalloc*, MSR-TR-2019-18), cut
/// down: slabs belong to a size class, have their free lists in their segments' headers, and are found from a block by
/// masking its address. Another thread's `free` puts the block into the owner's ``HeapMailbox``.
///
///                    allocate finds none listed
///      ┌───────────┐ ─────────────────────────▶ ┌────────┐ ─── found full ───▶ ┌──────────┐
///      │ slab free │                            │ listed │                     │ unlisted │
///      └───────────┘ ◀───────────────────────── └────────┘ ◀── first free ──── └──────────┘
///         │      ▲    last block freed, unless
///    trim │      │    it is the first of its list
///         ▼      │ taken
///      no pages, zeros
///
/// A heap lives in its first segment and is never unmapped: when its thread ends, it is abandoned, and the next
/// ``make()`` adopts it with all its blocks. Blocks stay valid throughout, and freeing them too.
///
/// - Invariant: each list names descriptors in segments of this heap, which only its thread changes. A block that is
///   freed again, or written to after that, traps where it is noticed; debug builds look at each.
@safe public struct Heap: ~Copyable {
    /// Slabs with room, by size class. Only the first of a list may be empty.
    private var slabs: [32 of IntrusiveList<Slab>]
    /// Segments with a free slab.
    var open: IntrusiveList<Segment>
    /// Segments without.
    var full: IntrusiveList<Segment>
    /// Wholly free segments in `open`, the home segment apart: at most one is kept.
    var emptySegments = 0
    /// Blocks that other threads freed and that were collected.
    var remoteFrees = 0
    let mailbox: UnsafeMutablePointer<HeapMailbox>

    init(mailbox: UnsafeMutablePointer<HeapMailbox>) {
        slabs = .init(repeating: IntrusiveList())
        open = IntrusiveList()
        full = IntrusiveList()
        unsafe self.mailbox = mailbox
    }

    // MARK: Allocating

    /// Allocates `byteCount` bytes at a multiple of `alignment`, a power of two up to 4096. Owner only.
    ///
    /// Cost: some instructions if a block of the class was freed before; else it may map memory.
    ///
    /// - Parameters:
    ///   - mayExceedLimit: for small objects of the runtime that cannot fail: ignores `HeapBudget.limit`.
    /// - Returns: uninitialised memory; nil at the limit, or if the kernel refuses.
    @inline(__always)
    @unsafe package mutating func allocate(
        _ byteCount: Int, alignment: Int = 16, mayExceedLimit: Bool = false
    ) -> UnsafeMutableRawPointer? {
        if byteCount <= SizeClass.largest && alignment <= 16 {
            let sizeClass = SizeClass(fitting: byteCount)
            if let slab = unsafe slabs[sizeClass.index].first, let block = unsafe slab.popFreed() {
                return unsafe block
            }
            return unsafe allocateFromSlab(sizeClass, mayExceedLimit)
        }
        return unsafe allocateOther(byteCount, alignment, mayExceedLimit)
    }

    @inline(never)
    private mutating func allocateOther(
        _ byteCount: Int, _ alignment: Int, _ mayExceedLimit: Bool
    ) -> UnsafeMutableRawPointer? {
        precondition(
            alignment <= HeapLayout.headerSize && alignment & (alignment - 1) == 0, "a power of two up to 4096")
        if let sizeClass = SizeClass(fitting: byteCount, alignment: alignment) {
            return unsafe allocateFromSlab(sizeClass, mayExceedLimit)
        }
        guard byteCount <= HeapLayout.largestRun else { return unsafe LargeBlock.allocate(byteCount, mayExceedLimit) }
        return unsafe allocateRun((byteCount + HeapLayout.slabSize - 1) / HeapLayout.slabSize, mayExceedLimit)
    }

    /// Allocates a small block when none is listed: collects, carves, or takes a new slab.
    @inline(never)
    private mutating func allocateFromSlab(_ sizeClass: SizeClass, _ mayExceedLimit: Bool) -> UnsafeMutableRawPointer? {
        collect()
        while let slab = unsafe slabs[sizeClass.index].first {
            if let block = unsafe slab.pop() { return unsafe block }
            unsafe slabs[sizeClass.index].remove(slab)
            unsafe slab.pointee.isListed = false
        }
        guard let (segment, index) = unsafe takeSlabs(mayExceedLimit, { unsafe $0.takeSlab() }) else { return nil }
        let slab = unsafe segment.slab(index)
        let memory = unsafe segment.memory(ofSlab: index)
        unsafe slab.initialize(to: Slab(memory.start, byteCount: memory.byteCount, sizeClass))
        unsafe list(slab)
        return unsafe slab.pop()
    }

    private mutating func allocateRun(_ count: Int, _ mayExceedLimit: Bool) -> UnsafeMutableRawPointer? {
        collect()
        guard let (segment, index) = unsafe takeSlabs(mayExceedLimit, { unsafe $0.takeRun(count) }) else { return nil }
        let start = unsafe segment.memory(ofSlab: index).start
        unsafe segment.slab(index).initialize(to: Slab(run: start, count: count))
        return unsafe start
    }

    // MARK: Freeing

    /// Frees a block of any heap. Any thread.
    ///
    /// Cost: some instructions for a block of `current`; one exchange for one of another heap; a system call for a
    /// large one.
    ///
    /// - Parameters:
    ///   - pointer: what ``allocate(_:alignment:mayExceedLimit:)`` returned, not freed before.
    ///   - current: the calling thread's own heap, if it has one.
    @inline(__always)
    @unsafe package static func free(_ pointer: UnsafeMutableRawPointer, from current: UnsafeMutablePointer<Heap>?) {
        let segment = unsafe UnsafeMutablePointer<Segment>(containing: pointer)
        if let current = unsafe current, unsafe segment.origin.pointee.heap == current {
            unsafe current.pointee.freeOwn(pointer, segment)
        } else {
            unsafe freeOther(pointer, segment)
        }
    }

    @inline(__always)
    private mutating func freeOwn(_ pointer: UnsafeMutableRawPointer, _ segment: UnsafeMutablePointer<Segment>) {
        let slab = unsafe segment.slab(containing: pointer)
        unsafe slab.push(pointer)
        if unsafe slab.pointee.used == 0 || !slab.pointee.isListed { unsafe settle(slab, segment) }
    }

    @inline(never)
    private static func freeOther(_ pointer: UnsafeMutableRawPointer, _ segment: UnsafeMutablePointer<Segment>) {
        // SAFETY: the block is in use, so its segment stays; and heaps stay for ever.
        if let mailbox = unsafe segment.origin.pointee.mailbox {
            unsafe mailbox.pointee.push(pointer)
        } else {
            unsafe LargeBlock.free(pointer)
        }
    }

    /// Moves a slab after a block of it was freed: into its list, or back to its segment.
    @inline(never)
    private mutating func settle(_ slab: UnsafeMutablePointer<Slab>, _ segment: UnsafeMutablePointer<Segment>) {
        if unsafe slab.pointee.runLength > 0 { return unsafe release(slab, Int(slab.pointee.runLength), segment) }
        if unsafe !slab.pointee.isListed { unsafe list(slab) }
        let index = unsafe Int(slab.pointee.sizeClass)
        // Blocks are taken from the first slab of the list, so it stays: otherwise taking and freeing one block in turn
        // would set up a slab each time.
        guard unsafe slab.pointee.used == 0 && slabs[index].first != slab else { return }
        unsafe slabs[index].remove(slab)
        unsafe release(slab, 1, segment)
    }

    private mutating func list(_ slab: UnsafeMutablePointer<Slab>) {
        unsafe slab.pointee.isListed = true
        unsafe slabs[Int(slab.pointee.sizeClass)].insertSecond(slab)
    }

    /// Takes back the blocks that other threads freed. Owner only; worth calling once per loop turn.
    ///
    /// Cost: one load if there is none.
    @inline(__always)
    package mutating func collect() {
        guard let blocks = unsafe mailbox.pointee.takeAll() else { return }
        unsafe takeBack(blocks)
    }

    @inline(never)
    private mutating func takeBack(_ blocks: UnsafeMutablePointer<FreeBlock>) {
        var rest: UnsafeMutablePointer<FreeBlock>? = unsafe blocks
        while let block = unsafe rest {
            unsafe rest = block.pointee.next
            unsafe freeOwn(block, UnsafeMutablePointer(containing: block))
            remoteFrees += 1
        }
    }

    /// Returns memory that holds no block to the kernel: empty segments, and the pages of empty slabs. Owner only;
    /// meant for a worker that has become idle. Cost: a system call for each stretch given back; few loads if none.
    package mutating func trim() {
        collect()
        for index in 0..<SizeClass.count {
            guard let slab = unsafe slabs[index].first, unsafe slab.pointee.used == 0 else { continue }
            unsafe slabs[index].remove(slab)
            unsafe release(slab, 1, UnsafeMutablePointer(containing: slab))
        }
        trimSegments()
    }
}

/// What a heap holds at one moment.
package struct HeapStatistics: Equatable, Sendable {
    /// Bytes in blocks that are in use or in the mailbox, rounded up to their classes. Without large blocks.
    package var bytesInUse = 0
    /// Bytes mapped in segments.
    package var mappedBytes = 0
    /// Segments mapped.
    package var segments = 0
    /// Blocks that other threads freed, since the heap was made.
    package var remoteFrees = 0
}

extension Heap {
    /// How many bytes the block at `pointer` really holds, at least as many as were asked for. Any thread that may use
    /// the block.
    @unsafe package static func usableSize(_ pointer: UnsafeMutableRawPointer) -> Int {
        let segment = unsafe UnsafeMutablePointer<Segment>(containing: pointer)
        guard unsafe segment.origin.pointee.heap != nil else { return unsafe LargeBlock.usableSize(pointer) }
        // SAFETY: a slab's block size does not change while one of its blocks is in use.
        return unsafe Int(segment.slab(containing: pointer).pointee.blockSize)
    }

    /// Changes the size of a block, which keeps its content up to the smaller size. Owner only; the block may be of any
    /// heap. Cost: none if it fits and is not far too large; large blocks move by pages, others are copied.
    ///
    /// - Returns: where it is now, at a multiple of 16; nil at the limit: the block is then as it was.
    @unsafe package mutating func reallocate(
        _ pointer: UnsafeMutableRawPointer, to byteCount: Int
    ) -> UnsafeMutableRawPointer? {
        let usable = unsafe Self.usableSize(pointer)
        if byteCount <= usable && byteCount >= usable / 2 { return unsafe pointer }
        let isLarge = unsafe UnsafeMutablePointer<Segment>(containing: pointer).origin.pointee.heap == nil
        if isLarge && byteCount > HeapLayout.largestRun {
            return unsafe LargeBlock.resize(pointer, to: byteCount)
        }
        guard let moved = unsafe allocate(byteCount) else { return nil }
        unsafe moved.copyMemory(from: pointer, byteCount: min(usable, byteCount))
        unsafe Self.free(pointer, from: mailbox.pointee.heap)
        return unsafe moved
    }

    /// What the heap holds. Owner only. Cost: by the number of slabs.
    package var statistics: HeapStatistics {
        var result = HeapStatistics()
        result.remoteFrees = remoteFrees
        add(open, to: &result)
        add(full, to: &result)
        return result
    }

    private func add(_ list: IntrusiveList<Segment>, to result: inout HeapStatistics) {
        var candidate = unsafe list.first
        while let segment = unsafe candidate {
            result.segments += 1
            result.mappedBytes += HeapLayout.segmentSize
            for index in 0..<HeapLayout.slabsPerSegment {
                // A descriptor that was never used, or is inside a run, is zeros or says that nothing is in use.
                let slab = unsafe segment.slab(index)
                unsafe result.bytesInUse += Int(slab.pointee.used) * Int(slab.pointee.blockSize)
            }
            unsafe candidate = segment.pointee.next
        }
    }
}

/// Where other threads put the blocks of a heap that they free, until its owner collects them.
///
/// Algorithm: Treiber's stack (IBM RJ 5118, 1986) through the blocks themselves, emptied whole.
///
/// - ABA: a push never looks into the block that it compares with, and blocks are not popped singly.
/// - Memory order: push *releases* what the freeing thread did to the block before, the owner *acquires* it, so that
///   it is done before the block is handed out again.
/// - Progress: push is lock-free, taking is wait-free.
///
/// - Invariant: each block in the stack was freed, and belongs to the mailbox until its owner collects it.
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

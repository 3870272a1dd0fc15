// Sources/Primitives/Heap.swift — the memory of one thread: size classes over mapped segments.

import Bytes
import Linux

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
    @unsafe public mutating func allocate(
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
    @unsafe public static func free(_ pointer: UnsafeMutableRawPointer, from current: UnsafeMutablePointer<Heap>?) {
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
    public mutating func collect() {
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
    public mutating func trim() {
        collect()
        for index in 0..<SizeClass.count {
            guard let slab = unsafe slabs[index].first, unsafe slab.pointee.used == 0 else { continue }
            unsafe slabs[index].remove(slab)
            unsafe release(slab, 1, UnsafeMutablePointer(containing: slab))
        }
        trimSegments()
    }
}

// Sources/Primitives/Segment.swift — 256 KiB of memory that a heap cuts into slabs.

import Linux

/// The owner's part of a segment's header: see ``HeapLayout``.
///
/// - Invariant: its links are an ``IntrusiveList``'s of the heap that owns it; a bit of `freeSlabs` is clear while
///   blocks of that slab are in use.
@safe struct Segment: IntrusiveElement {
    var next: UnsafeMutablePointer<Segment>?
    var previous: UnsafeMutablePointer<Segment>?
    /// Bit n: slab n is free.
    var freeSlabs = HeapLayout.allSlabs
    /// Bit n: slab n was in use since its pages were last given back.
    var touchedSlabs: UInt16 = 0

    init() {
        unsafe (next, previous) = (nil, nil)
    }

    /// Maps a segment without touching it.
    static func map() throws(Errno) -> UnsafeMutableRawPointer {
        let start = unsafe try Memory.map(HeapLayout.segmentSize, alignment: HeapLayout.segmentSize)
        unsafe Memory.refuseHugePages(start, HeapLayout.segmentSize)
        return unsafe start
    }
}

extension UnsafeMutablePointer<Segment> {
    /// The header of the segment, or of the large block, that `pointer` points into.
    @inline(__always)
    init(containing pointer: UnsafeMutableRawPointer) {
        // SAFETY: blocks start behind the header and within the first 256 KiB of their mapping.
        let address = UInt(bitPattern: pointer) & ~UInt(HeapLayout.segmentSize - 1)
        unsafe self = UnsafeMutablePointer(bitPattern: address).unsafelyUnwrapped
    }

    /// Where the blocks come from.
    @inline(__always)
    var origin: UnsafePointer<BlockOrigin> {
        unsafe UnsafePointer<BlockOrigin>(
            (UnsafeMutableRawPointer(self) + HeapLayout.originOffset).assumingMemoryBound(to: BlockOrigin.self))
    }

    /// The descriptor of the slab that `pointer` points into.
    @inline(__always)
    func slab(containing pointer: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Slab> {
        unsafe slab(Int(bitPattern: pointer) & (HeapLayout.segmentSize - 1) / HeapLayout.slabSize)
    }

    /// The descriptor of slab `index`, 0...15.
    @inline(__always)
    func slab(_ index: Int) -> UnsafeMutablePointer<Slab> {
        unsafe (UnsafeMutableRawPointer(self) + HeapLayout.slabsOffset).assumingMemoryBound(to: Slab.self) + index
    }

    /// The memory of slab `index`: slab 0 starts behind the header.
    func memory(ofSlab index: Int) -> (start: UnsafeMutableRawPointer, byteCount: Int) {
        let offset = max(index * HeapLayout.slabSize, HeapLayout.headerSize)
        return unsafe (UnsafeMutableRawPointer(self) + offset, (index + 1) * HeapLayout.slabSize - offset)
    }

    /// Whether the heap itself lives here, so that the segment stays for ever.
    var isHome: Bool {
        unsafe UnsafeMutableRawPointer(self) + HeapLayout.heapOffset == UnsafeMutableRawPointer(origin.pointee.heap)
    }

    /// Whether no block is in use.
    var isEmpty: Bool { unsafe pointee.freeSlabs == HeapLayout.allSlabs }

    /// Takes the lowest free slab; nil if there is none.
    func takeSlab() -> Int? {
        let free = unsafe pointee.freeSlabs
        guard free != 0 else { return nil }
        let index = free.trailingZeroBitCount
        unsafe mark(index, 1, isFree: false)
        return index
    }

    /// Takes the highest `count` free slabs in a row, 1...4: single ones come from below, so holes stay large.
    func takeRun(_ count: Int) -> Int? {
        var fitting = unsafe pointee.freeSlabs & HeapLayout.slabsForRuns
        for _ in 1..<count { fitting &= fitting >> 1 }
        guard fitting != 0 else { return nil }
        let index = 15 - fitting.leadingZeroBitCount
        unsafe mark(index, count, isFree: false)
        return index
    }

    /// Makes `count` slabs from `index` on free or not.
    func mark(_ index: Int, _ count: Int, isFree: Bool) {
        let mask = (UInt16(1) << UInt16(count) &- 1) << UInt16(index)
        if isFree {
            unsafe pointee.freeSlabs |= mask
        } else {
            unsafe pointee.freeSlabs &= ~mask
            unsafe pointee.touchedSlabs |= mask
        }
    }

    /// Returns the pages of free slabs to the kernel, neighbours in one call.
    func discardFreeSlabs() {
        var rest = unsafe pointee.freeSlabs & pointee.touchedSlabs
        while rest != 0 {
            let first = rest.trailingZeroBitCount
            let count = (~(rest >> UInt16(first))).trailingZeroBitCount
            let start = unsafe memory(ofSlab: first).start
            let end = unsafe memory(ofSlab: first + count - 1)
            // SAFETY: no block of a free slab is in use, and the lists of freed blocks of a free slab are not looked
            // at.
            unsafe Memory.discard(start, end.start - start + end.byteCount)
            rest &= ~((UInt16(1) << UInt16(count) &- 1) << UInt16(first))
        }
        unsafe pointee.touchedSlabs &= ~pointee.freeSlabs
    }
}

/// Says which heap the blocks of a segment come from. Written once, before the first block is handed out, and in a
/// cache line of its own: threads that free the blocks of others read it while the owner changes the rest of the
/// header.
///
/// - Invariant: heap and mailbox are never unmapped, and all blocks of the segment are theirs.
@safe struct BlockOrigin {
    /// The heap; nil for a ``LargeBlock``, which belongs to no heap.
    let heap: UnsafeMutablePointer<Heap>?
    /// Where other threads put the blocks that they free; nil as `heap`.
    let mailbox: UnsafeMutablePointer<HeapMailbox>?
}

// Sources/Primitives/HeapLayout.swift — sizes and places within a segment of the heap.

import Bytes

/// How a segment is laid out. Segments lie at multiples of their size, so a block's address leads to its header.
///
///      0    Segment, or LargeBlock        64 bytes, the owner's
///      64   BlockOrigin                   64 bytes, for all to read; zeros in a large block
///      128  16 × Slab                     768 bytes
///      1024 HeapMailbox, 1152 Heap        in a heap's home segment, its first one, only
///      4096 slab 0                        12 KiB
///      16 K slabs 1...15                  16 KiB each
enum HeapLayout {
    static var segmentSize: Int { 256 * 1024 }
    static var slabsPerSegment: Int { 16 }
    static var slabSize: Int { 16 * 1024 }
    /// The header of a segment or of a large block.
    static var headerSize: Int { 4096 }
    static var originOffset: Int { 64 }
    static var slabsOffset: Int { 128 }
    static var mailboxOffset: Int { 1024 }
    static var heapOffset: Int { 1152 }
    /// As a set of slabs: all of a segment.
    static var allSlabs: UInt16 { .max }
    /// Those that a run may consist of: slab 0 is shorter.
    static var slabsForRuns: UInt16 { allSlabs & ~1 }
    /// The largest block that a segment holds.
    static var largestRun: Int { Config.heapMaxRun * slabSize }
}

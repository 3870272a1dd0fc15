// Sources/Primitives/HeapLayout.swift — sizes: of what lies in a segment of the heap, and of blocks.

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

/// One of the sizes in which ``Heap`` hands out small blocks: 16, 32 … 128, then four for each doubling up to 8 KiB.
/// Rounding wastes at most 15 bytes up to 128 bytes, and less than a fifth of a larger block.
struct SizeClass {
    /// 0..<`count`.
    var index: Int

    static var count: Int { 32 }
    /// The largest small block, in bytes.
    static var largest: Int { 8192 }

    @inline(__always)
    init(index: Int) { self.index = index }

    /// The smallest class that holds `byteCount` bytes, `0...largest`.
    @inline(__always)
    init(fitting byteCount: Int) {
        if byteCount <= 128 {
            index = (max(byteCount, 1) + 15) >> 4 - 1
        } else {
            // The two bits below the highest one choose among the four classes of a doubling.
            let highest = 63 - (byteCount - 1).leadingZeroBitCount
            index = 8 + (highest - 7) * 4 + ((byteCount - 1) >> (highest - 2)) & 3
        }
    }

    /// The smallest class whose blocks hold `byteCount` bytes and lie at multiples of `alignment`, a power of two; nil
    /// if no class does.
    init?(fitting byteCount: Int, alignment: Int) {
        guard byteCount <= Self.largest, alignment <= HeapLayout.headerSize else { return nil }
        self.init(fitting: max(byteCount, alignment))
        while blockSize & (alignment - 1) != 0 { index += 1 }
    }

    /// Bytes of a block.
    var blockSize: Int {
        guard index >= 8 else { return (index + 1) * 16 }
        return (5 + (index & 3)) << ((index - 8) >> 2 + 5)
    }
}

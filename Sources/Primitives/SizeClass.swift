// Sources/Primitives/SizeClass.swift — the block sizes of the heap.

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

// Sources/Utilities/ControlScanner.swift — walks over the control bytes of a span.

/// Walks over the control bytes of a span from left to right; the LF of each CRLF is passed over.
///
/// Holds offsets only, so the span is passed to each call. Cost: about 10 cycles for 64 bytes and 3 for each byte
/// found.
public struct ControlScanner {
    /// Offset of the byte that bit 0 of `found` stands for.
    private var block: Int
    /// Control bytes of this block that were not yet passed.
    private var found: UInt64

    /// A walk that begins at `start`.
    @inline(__always)
    public init(_ bytes: Span<UInt8>, from start: Int) {
        block = start
        found = bytes.controls(from: start)
    }

    /// The offset of the next control byte, or nil at the end of `bytes`, the same bytes as in the call before.
    @inline(__always)
    public mutating func next(in bytes: Span<UInt8>) -> Int? {
        while found == 0 {
            guard bytes.count - block > 64 else { return nil }
            block += 64
            found = bytes.controls(from: block)
            // The LF of a CRLF that the end of the block before cut in two.
            if bytes[block] == .lineFeed, bytes[block - 1] == .carriageReturn { found &= ~1 }
        }
        let index = block + found.trailingZeroBitCount
        found &= found &- 1
        if bytes[index] == .carriageReturn, index + 1 < bytes.count, bytes[index + 1] == .lineFeed {
            found &= found &- 1
        }
        return index
    }
}

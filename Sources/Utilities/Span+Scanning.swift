// Sources/Utilities/Span+Scanning.swift — finding bytes by class, 16 to 64 at a time.

import CBytes

extension Span where Element == UInt8 {
    /// Which of the 64 bytes from `start` on are control bytes: bit i for byte `start + i`.
    ///
    /// Control bytes are 0x00...0x1F but HTAB, and 0x7F: those that no line of a message may hold.
    @inline(__always)
    public func controls(from start: Int) -> UInt64 {
        precondition(start >= 0 && start <= count)
        // SAFETY: the function reads at most `count - start` bytes from `start` on.
        return unsafe withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return 0 }
            return unsafe cbytes_controls(base + start, count - start)
        }
    }

    /// The index, from `start` on, of the first byte that is no letter, digit or '-'; `count` if there is none.
    @inline(__always)
    public func endOfName(from start: Int) -> Int {
        precondition(start >= 0 && start <= count)
        // SAFETY: the function reads at most `count - start` bytes from `start` on.
        return unsafe withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return start }
            return unsafe start + cbytes_first_after_name(base + start, count - start)
        }
    }

    /// The index, from `start` on, of the first SP, '?', '#' or byte that is no visible ASCII; `count` if there is none.
    @inline(__always)
    public func endOfTargetPart(from start: Int) -> Int {
        precondition(start >= 0 && start <= count)
        // SAFETY: the function reads at most `count - start` bytes from `start` on.
        return unsafe withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return start }
            return unsafe start + cbytes_first_after_target(base + start, count - start)
        }
    }
}

/// Walks over the control bytes of a span from left to right.
///
/// Holds offsets only, so the span is passed to each call. Cost: about 8 cycles for 64 bytes and 2 for each byte found.
public struct ControlScanner {
    /// Offset of the byte that bit 0 of `found` stands for.
    private var block: Int
    /// Control bytes of this block that were not yet returned.
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
        }
        let index = block + found.trailingZeroBitCount
        found &= found &- 1
        return index
    }
}

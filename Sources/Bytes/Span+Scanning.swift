// Sources/Bytes/Span+Scanning.swift — finding bytes by class, 16 at a time.

import CBytes

extension Span where Element == UInt8 {
    /// The eight bytes from `start` on, the first one lowest. Traps if there are fewer.
    @inline(__always)
    public func word(at start: Int) -> UInt64 {
        precondition(start >= 0 && start <= count &- 8)
        // SAFETY: eight bytes from `start` on are inside, checked above; any bytes are a `UInt64`.
        return unsafe withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: start, as: UInt64.self) }
    }

    /// The four bytes from `start` on, the first one lowest. Traps if there are fewer.
    @inline(__always)
    public func word32(at start: Int) -> UInt32 {
        precondition(start >= 0 && start <= count &- 4)
        // SAFETY: four bytes from `start` on are inside, checked above; any bytes are a `UInt32`.
        return unsafe withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: start, as: UInt32.self) }
    }

    /// The index, from `start` on, of the first control byte; `count` if there is none.
    ///
    /// Control bytes are 0x00...0x1F but HTAB, and 0x7F: those that no line of a message may hold.
    @inline(__always)
    public func endOfText(from start: Int) -> Int { unsafe first(from: start, cbytes_first_control) }

    /// The index, from `start` on, of the first byte that is no letter, digit or '-'; `count` if there is none.
    @inline(__always)
    public func endOfName(from start: Int) -> Int { unsafe first(from: start, cbytes_first_after_name) }

    /// The index, from `start` on, of the first SP, '?', '#' or byte that is no visible ASCII; `count` if there is
    /// none.
    @inline(__always)
    public func endOfTargetPart(from start: Int) -> Int { unsafe first(from: start, cbytes_first_after_target) }

    @inline(__always)
    private func first(from start: Int, _ scan: (UnsafePointer<UInt8>, Int) -> Int) -> Int {
        precondition(start >= 0 && start <= count)
        // SAFETY: the function reads at most `count - start` bytes from `start` on.
        return unsafe withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return start }
            return unsafe start &+ scan(base + start, count &- start)
        }
    }
}

// Sources/Utilities/LineWalk.swift — walks over the lines of a message's head.

import CBytes

/// A walk over lines, each ended by a control byte: see ``Span/endOfText(from:)``. Of a CRLF that is the CR.
///
/// Holds offsets only, so the span is passed to each call. Cost: about 10 cycles for 64 bytes and 10 for a line.
public struct LineWalk {
    private var lines = cbytes_lines(start: 0, name_end: 0, end: 0, next: 0, block: -64, found: 0)

    /// A walk that begins at offset 0.
    @inline(__always)
    public init() {}

    /// Goes to the next line of `bytes`, the same as in the call before; false if there is no control byte any more.
    ///
    /// What a line is that follows one without CRLF is undefined.
    @inline(__always)
    public mutating func next(in bytes: Span<UInt8>) -> Bool {
        // SAFETY: the function reads at most `count` bytes from `base` on, and writes to `lines`.
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            return unsafe cbytes_next_line(&lines, base, buffer.count)
        }
    }

    /// Where the line begins.
    @inline(__always)
    public var start: Int { lines.start }
    /// Offset of the first byte of the line that is no letter, digit or '-', at most ``end``.
    @inline(__always)
    public var endOfName: Int { lines.name_end }
    /// Offset of the control byte that ends the line.
    @inline(__always)
    public var end: Int { lines.end }
    /// Where the next line begins, if CRLF ends this one.
    @inline(__always)
    public var nextStart: Int { lines.next }
}

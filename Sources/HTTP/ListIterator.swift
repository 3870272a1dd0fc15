// Sources/HTTP/ListIterator.swift — comma-separated lists in field values.

import Bytes

/// Walks over the elements of a list value (RFC 9110 §5.6.1): parts between commas, without the white space around
/// them.
///
/// Quoted strings are not looked into: for lists of tokens only. Empty elements are returned as empty ranges.
public struct ListIterator {
    private var position = 0
    private let end: Int
    private var isAtEnd = false

    /// A walk over the list that is all of `bytes`.
    @inline(__always)
    public init(_ bytes: Span<UInt8>) {
        end = bytes.count
    }

    /// The next element, or nil after the last one.
    @inline(never)
    public mutating func next(in bytes: Span<UInt8>) -> Range<Int>? {
        guard !isAtEnd else { return nil }
        let start = position
        let stop = bytes.firstIndex(of: UInt8(ascii: ","), in: start..<end)
        isAtEnd = stop == end
        position = stop + 1
        return bytes.trimmingBlanks(start..<stop)
    }
}

// Sources/HTTP/ListIterator.swift — comma-separated lists in field values.

import Utilities

/// Walks over the elements of a list value (RFC 9110 §5.6.1): parts between commas, without the white space around
/// them.
///
/// Quoted strings are not looked into: for lists of tokens only. Empty elements are returned as empty ranges.
struct ListIterator {
    private var position: Int
    private let end: Int
    private var isAtEnd = false

    /// A walk over the list at `value`.
    @inline(__always)
    init(_ value: ByteRange) {
        position = value.start
        end = value.end
    }

    /// The next element, or nil after the last one.
    @inline(__always)
    mutating func next(in bytes: Span<UInt8>) -> Range<Int>? {
        guard !isAtEnd else { return nil }
        let start = position
        var stop = start
        while stop < end, bytes[stop] != UInt8(ascii: ",") { stop += 1 }
        isAtEnd = stop == end
        position = stop + 1
        return bytes.trimmingBlanks(start..<stop)
    }
}

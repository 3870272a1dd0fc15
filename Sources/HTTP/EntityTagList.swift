// Sources/HTTP/EntityTagList.swift — the entity tags that a client names.

import Bytes

/// The value of If-Match and If-None-Match: `*`, or tags such as `"a", W/"b"` (RFC 9110 §13.1.1, §13.1.2).
package enum EntityTagList {
    /// How tags are compared (RFC 9110 §8.8.3.2).
    package enum Comparison: Sendable {
        /// A tag with `W/` differs from the tag without it.
        case strong
        /// `W/` makes no difference.
        case weak
    }

    /// Whether the list `value` holds `tag`, a strong tag with its quotes; empty: there is none, and only `*` holds it.
    ///
    /// Reading stops at the first error of syntax; then the list does not hold the tag. Cost: one comparison if the
    /// list is just `tag`, else one pass.
    package static func contains(_ tag: Span<UInt8>, _ value: Span<UInt8>, by comparison: Comparison) -> Bool {
        if value.equals("*") { return true }
        guard tag.count > 0 else { return false }
        if value.equals(tag) { return true }
        let end = value.count
        var position = 0
        while true {
            // Skip empty elements (RFC 9110 §5.6.1.2).
            while position < end, value[position] == UInt8(ascii: ",") || value[position].isBlank { position += 1 }
            let isWeak =
                end - position > 2 && value[position] == UInt8(ascii: "W") && value[position + 1] == UInt8(ascii: "/")
            if isWeak { position += 2 }
            guard position < end, value[position] == quote else { return false }
            let stop = endOfOpaqueTag(value, position + 1)
            guard stop < end, value[stop] == quote else { return false }
            let counts = !isWeak || comparison == .weak
            if counts, value.extracting(position..<stop + 1).equals(tag) { return true }
            position = stop + 1
            while position < end, value[position].isBlank { position += 1 }
            guard position < end, value[position] == UInt8(ascii: ",") else { return false }
        }
    }

    /// The first index from `start` on where no byte of a tag is: that of the closing quote, of a blank, or the end.
    private static func endOfOpaqueTag(_ value: Span<UInt8>, _ start: Int) -> Int {
        var index = start
        while index < value.count, value[index] != quote, !value[index].isBlank { index += 1 }
        return index
    }

    @inline(__always)
    private static var quote: UInt8 { UInt8(ascii: "\"") }
}

// Sources/HTTP/PercentDecoding.swift — decoding parts of a request target.

import Bytes

/// Percent-decoding (RFC 3986 §2.1), for handlers that need the text of a path segment or a query.
package enum PercentDecoding {
    /// Appends `bytes`, decoded, to `writer`. False, with nothing appended, if a "%" is not followed by two hexadecimal
    /// digits, if the result would hold a NUL, or if `writer` has no room for as many bytes as are given.
    ///
    /// Decoded once, after the target was split: a "%2F" becomes a slash of the segment, a "%25" a percent sign.
    ///
    /// - Parameter plusIsSpace: whether "+" is a space, as in the queries that HTML forms send.
    package static func append(
        _ bytes: borrowing Span<UInt8>, to writer: inout ByteWriter, plusIsSpace: Bool = false
    ) -> Bool {
        let before = writer.count
        guard writer.remaining >= bytes.count else { return false }
        var index = 0
        while index < bytes.count {
            var byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "%") {
                guard index + 1 < bytes.count, let high = bytes[index].hexadecimalValue,
                    let low = bytes[index + 1].hexadecimalValue, high | low != 0
                else {
                    writer.truncate(to: before)
                    return false
                }
                byte = high << 4 | low
                index += 2
            } else if plusIsSpace, byte == UInt8(ascii: "+") {
                byte = .space
            }
            writer.append(byte)
        }
        return true
    }

    /// Whether a segment of a decoded path is "." or "..", which would lead out of its place in a directory tree.
    package static func hasDotSegment(_ path: borrowing Span<UInt8>) -> Bool {
        var start = 0
        for end in 0...path.count where end == path.count || path[end] == UInt8(ascii: "/") {
            let length = end - start
            if length == 1 || length == 2, path[start] == UInt8(ascii: "."), path[end - 1] == UInt8(ascii: ".") {
                return true
            }
            start = end + 1
        }
        return false
    }
}

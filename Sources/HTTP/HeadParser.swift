// Sources/HTTP/HeadParser.swift — one pass over a request head, line by line.

import Utilities

/// The pass of ``RequestParser``.
///
///     empty lines ──▶ request line ──▶ field line ──▶ empty line ──▶ framing ──▶ head
///        ↺ ≤ Config.maxEmptyLines          ↺ ≤ limits.fields
///
/// A line is judged when it is complete, so that a cut in it changes nothing.
enum HeadParser {
    /// Parses into `head`, which is new; false if the head is not complete.
    @inline(__always)
    static func parse(
        _ bytes: Span<UInt8>, _ limits: RequestLimits, into head: inout RequestHead
    ) throws(RequestError) -> Bool {
        var lines = LineScanner()
        var facts = FieldFacts()
        var limit = limits.endOfRequestLine(from: 0)
        var excess = RequestError.targetTooLong
        // Empty lines before the request line, then fields.
        var count = 0
        while true {
            guard try lines.next(in: bytes, limit: limit, excess: excess) else { return false }
            if head.fieldsStart != 0 {
                if lines.start == lines.end { break }
                guard count < limits.fields else { throw .tooManyFields }
                count &+= 1
                let colon = try endOfName(bytes, lines)
                if let field = KnownField(bytes, lines.start, colon) {
                    try facts.note(field, bytes, colon &+ 1, lines.end, &head)
                }
            } else if lines.start == lines.end {
                guard count < Config.maxEmptyLines else { throw .tooManyEmptyLines }
                count &+= 1
                limit = limits.endOfRequestLine(from: lines.nextStart)
            } else {
                try RequestLine.parse(bytes, lines, limits, into: &head)
                head.fieldsStart = lines.nextStart
                count = 0
                limit = limits.head - 2
                excess = .headTooLarge
            }
        }
        head.fieldCount = UInt16(truncatingIfNeeded: count)
        head.length = lines.nextStart
        try facts.conclude(&head)
        return true
    }

    /// The place of the colon after the field name that begins the line.
    @inline(__always)
    private static func endOfName(_ bytes: Span<UInt8>, _ line: LineScanner) throws(RequestError) -> Int {
        let end = line.endOfName
        if bytes[end] == UInt8(ascii: ":"), end > line.start { return end }
        return try endOfUncommonName(bytes, line.start, end)
    }

    /// The same for a name with other characters than letters, digits and '-' from `end` on, or for none at all.
    @inline(never)
    private static func endOfUncommonName(
        _ bytes: Span<UInt8>, _ start: Int, _ end: Int
    ) throws(RequestError) -> Int {
        var end = end
        while ByteSet.token.contains(bytes[end]) { end &+= 1 }
        if end == start, bytes[end].isBlank { throw .foldedLine }
        guard end > start, bytes[end] == UInt8(ascii: ":") else { throw .malformedFieldName }
        return end
    }
}

// Sources/HTTP/HeadParser.swift — one pass over a request head, line by line.

import Bytes

/// The pass of ``RequestParser``.
///
///     empty lines ──▶ request line ──▶ field line ──▶ empty line ──▶ framing ──▶ head
///        ↺ ≤ Config.maxEmptyLines  │       ↺ ≤ limits.fields            ▲
///                                  └─── fields that the memo knows ─────┘
///
/// A line is checked when it is complete, so the result does not depend on how the input is cut.
enum HeadParser {
    /// Parses into `head`, which is new; false if the head is not complete.
    static func parse(
        _ bytes: Span<UInt8>, _ limits: RequestLimits, _ memo: inout FieldMemo, into head: inout RequestHead
    ) throws(RequestError) -> Bool {
        var lines = LineScanner()
        guard try requestLine(bytes, limits, &lines, &head) else { return false }
        let start = lines.position
        head.fieldsStart = start
        if let facts = memo.recall(bytes, from: start, limits, into: &head) {
            try facts.conclude(&head)
            return true
        }
        let facts = try fields(bytes, limits, &lines, &head)
        guard let facts else { return false }
        memo.remember(bytes, from: start, facts, head)
        try facts.conclude(&head)
        return true
    }

    /// Parses the field lines and the empty line behind them; nil if they are not complete.
    @inline(never)
    private static func fields(
        _ bytes: Span<UInt8>, _ limits: RequestLimits, _ lines: inout LineScanner, _ head: inout RequestHead
    ) throws(RequestError) -> FieldFacts? {
        let limit = limits.head - 2
        var facts = FieldFacts()
        lines.passes = limits.fields
        while true {
            guard try lines.next(in: bytes, limit: limit, names: .known, excess: .headTooLarge) else { return nil }
            let (start, end) = (lines.start, lines.end)
            if start == end { break }
            guard lines.passes > 0 else { throw .tooManyFields }
            lines.passes &-= 1
            var colon = lines.endOfName
            if bytes[colon] != UInt8(ascii: ":") || colon == start {
                colon = try endOfUncommonName(bytes, start, colon)
            }
            if let field = KnownField(bytes, start, colon) { try facts.note(field, bytes, colon &+ 1, end, &head) }
        }
        head.fieldCount = UInt16(truncatingIfNeeded: limits.fields &- lines.passes)
        head.length = lines.position
        return facts
    }

    /// Skips empty lines and parses the request line; false if it is not complete.
    @inline(__always)
    private static func requestLine(
        _ bytes: Span<UInt8>, _ limits: RequestLimits, _ lines: inout LineScanner, _ head: inout RequestHead
    ) throws(RequestError) -> Bool {
        var emptyLines = 0
        while true {
            let limit = min(lines.position + limits.requestLine, limits.head - 2)
            guard try lines.next(in: bytes, limit: limit, names: .all, excess: .targetTooLong) else { return false }
            if lines.start < lines.end { break }
            emptyLines &+= 1
            guard emptyLines <= Config.maxEmptyLines else { throw .tooManyEmptyLines }
        }
        try RequestLine.parse(bytes, lines, limits, into: &head)
        return true
    }

    /// The place of the colon after a name with other characters than letters, digits and '-' from `end` on, or none.
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

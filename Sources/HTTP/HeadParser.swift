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
        var beginning = LineScanner(bytes)
        guard try requestLine(bytes, limits, &beginning, &head) else { return false }
        head.fieldsStart = beginning.position

        // A copy whose address is never taken, so that it lives in registers.
        var lines = beginning
        let lastEnd = limits.head - 2
        var facts = FieldFacts()
        var count = 0
        while true {
            let start = lines.position
            guard let end = try lines.next(in: bytes, limit: lastEnd, excess: .headTooLarge) else {
                return false
            }
            if end == start { break }
            guard count < limits.fields else { throw .tooManyFields }
            count += 1
            let colon = try endOfName(bytes, start)
            if let field = KnownField(bytes.extracting(start..<colon)) {
                try facts.note(field, bytes, colon + 1..<end, &head)
            }
        }
        head.fieldCount = UInt16(truncatingIfNeeded: count)
        head.length = lines.position
        try facts.conclude(&head)
        return true
    }

    /// Skips empty lines and parses the request line; false if it is not complete.
    @inline(never)
    private static func requestLine(
        _ bytes: Span<UInt8>, _ limits: RequestLimits, _ lines: inout LineScanner, _ head: inout RequestHead
    ) throws(RequestError) -> Bool {
        var emptyLines = 0
        while true {
            let start = lines.position
            let limit = min(start + limits.requestLine, limits.head - 2)
            guard let end = try lines.next(in: bytes, limit: limit, excess: .targetTooLong) else { return false }
            if end > start {
                try RequestLine.parse(bytes, start, end, limits, into: &head)
                return true
            }
            emptyLines += 1
            guard emptyLines <= Config.maxEmptyLines else { throw .tooManyEmptyLines }
        }
    }

    /// The place of the colon after the field name that begins at `start`.
    @inline(__always)
    private static func endOfName(_ bytes: Span<UInt8>, _ start: Int) throws(RequestError) -> Int {
        let end = bytes.endOfName(from: start)
        if bytes[end] == UInt8(ascii: ":"), end > start { return end }
        return try endOfUncommonName(bytes, start, end)
    }

    /// The same for a name with other characters than letters, digits and '-' from `end` on, or for none at all.
    @inline(never)
    private static func endOfUncommonName(
        _ bytes: Span<UInt8>, _ start: Int, _ end: Int
    ) throws(RequestError) -> Int {
        var end = end
        while ByteSet.token.contains(bytes[end]) { end += 1 }
        if end == start, bytes[end].isBlank { throw .foldedLine }
        guard end > start, bytes[end] == UInt8(ascii: ":") else { throw .malformedFieldName }
        return end
    }
}

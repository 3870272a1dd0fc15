// Sources/HTTP/RequestParser.swift — incremental parser of HTTP/1.x request heads.

import Bytes

/// Parses request heads, strictly and in one pass.
///
/// What RFC 9112 lets a server either repair or refuse is refused: peers that repair differently make request
/// smuggling possible.
///
///     empty lines ──▶ request line ──▶ field line ──▶ empty line ──▶ framing ──▶ head
///        ↺ ≤ Config.maxEmptyLines  │       ↺ ≤ limits.fields            ▲
///                                  └─── fields that the memo knows ─────┘
///
/// A line is checked when it is complete, so the result does not depend on how the input is cut.
package enum RequestParser {
    /// Parses one request head from the start of `bytes`.
    ///
    /// Nothing is kept between calls but `scanned`: call again with the same bytes and more behind them. However the
    /// bytes come, the result is the same, and an error comes as soon as the line with it is complete. Cost: one pass
    /// without allocation; of a head that comes in pieces, one pass for each piece that completes a line.
    ///
    /// - Parameters:
    ///   - bytes: everything received so far, from the end of the message before on.
    ///   - scanned: 0 for a new message; then what the call before left there.
    ///   - limits: what is refused with 414 or 431.
    ///   - memo: field sections seen before; it changes the cost, not the result.
    ///   - head: what was parsed, valid after true only. Not returned, because copying it costs as much as parsing.
    /// - Returns: whether the head is complete; if not, more bytes are needed.
    /// - Throws: the first thing that is wrong, from left to right. Answer with its status and close.
    /// - See: RFC 9112 §2–6
    package static func parse(
        _ bytes: Span<UInt8>, scanned: inout Int, limits: RequestLimits = RequestLimits(),
        memo: inout FieldMemo, into head: inout RequestHead
    ) throws(RequestError) -> Bool {
        if scanned > 0, !isWorthParsing(bytes, scanned: scanned, limits) {
            scanned = bytes.count
            return false
        }
        head.removeAll()
        let isComplete = try pass(bytes, limits, &memo, into: &head)
        scanned = isComplete ? 0 : bytes.count
        return isComplete
    }

    /// The same without a memo.
    package static func parse(
        _ bytes: Span<UInt8>, scanned: inout Int, limits: RequestLimits = RequestLimits(),
        into head: inout RequestHead
    ) throws(RequestError) -> Bool {
        var memo = FieldMemo()
        return try parse(bytes, scanned: &scanned, limits: limits, memo: &memo, into: &head)
    }

    /// Whether the bytes from `scanned` on complete a line, or show that it is wrong or too long.
    ///
    /// Avoids a pass for each byte of a head that arrives byte by byte: there are at most as many passes as lines.
    @inline(never)
    private static func isWorthParsing(_ bytes: Span<UInt8>, scanned: Int, _ limits: RequestLimits) -> Bool {
        if bytes.count > limits.head - 2 { return true }
        let lineLimit = limits.requestLine + 2 * Config.maxEmptyLines
        // Where exactly the line is too long depends on the empty lines before it: some passes for such a line.
        if scanned <= lineLimit, bytes.count > limits.requestLine { return true }
        // A CR that was the last byte is checked together with the byte after it.
        let start = min(scanned, bytes.count)
        let mayEndLine = start > 0 && bytes[start - 1] == .carriageReturn
        let index = bytes.endOfText(from: mayEndLine ? start - 1 : start)
        guard index < bytes.count else { return false }
        return bytes[index] != .carriageReturn || index + 1 < bytes.count
    }

    // MARK: The pass, line by line

    /// Parses into `head`, which is new; false if the head is not complete.
    private static func pass(
        _ bytes: Span<UInt8>, _ limits: RequestLimits, _ memo: inout FieldMemo, into head: inout RequestHead
    ) throws(RequestError) -> Bool {
        var lines = LineWalk()
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

    /// Skips empty lines and parses the request line; false if it is not complete.
    @inline(__always)
    private static func requestLine(
        _ bytes: Span<UInt8>, _ limits: RequestLimits, _ lines: inout LineWalk, _ head: inout RequestHead
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

    /// Parses the field lines and the empty line behind them; nil if they are not complete.
    @inline(never)
    private static func fields(
        _ bytes: Span<UInt8>, _ limits: RequestLimits, _ lines: inout LineWalk, _ head: inout RequestHead
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

/// Parses `method SP request-target SP HTTP-version` (RFC 9112 §3).
enum RequestLine {
    /// Parses a line, which holds no control byte but HTAB, into the first facts of `head`.
    @inline(never)
    static func parse(
        _ bytes: Span<UInt8>, _ line: borrowing LineWalk, _ limits: RequestLimits, into head: inout RequestHead
    ) throws(RequestError) {
        let end = line.end
        let targetStart = try endOfMethod(bytes, line) + 1
        head.methodRange = ByteRange(line.start, targetStart - 1)
        // "GET " is one comparison. A valid line is longer than the word that is compared.
        let isGet = end - line.start >= 8 && bytes.word(at: line.start) & 0xFFFF_FFFF == 0x2054_4547
        head.method = isGet ? .get : Method(bytes[head.methodRange])

        // A target is visible ASCII without '#'; its first '?' begins the query.
        var targetEnd = bytes.endOfTargetPart(from: targetStart)
        var queryStart = 0
        while bytes[targetEnd] == UInt8(ascii: "?") {
            if queryStart == 0 { queryStart = targetEnd + 1 }
            targetEnd = bytes.endOfTargetPart(from: targetEnd + 1)
        }
        guard bytes[targetEnd] == .space else {
            throw targetEnd == end ? .malformedRequestLine : .malformedTarget
        }
        guard targetEnd > targetStart else { throw .malformedRequestLine }
        guard targetEnd - targetStart <= limits.target else { throw .targetTooLong }
        head.target = ByteRange(targetStart, targetEnd)
        // "HTTP/1.1" is one comparison.
        let isCurrent = end - targetEnd == 9 && bytes.word(at: targetEnd + 1) == 0x312E_312F_5054_5448
        head.version = isCurrent ? .http11 : try version(bytes.extracting(targetEnd + 1..<end))

        let pathEnd = queryStart == 0 ? targetEnd : queryStart - 1
        if queryStart != 0 { head.query = ByteRange(queryStart, targetEnd) }
        if bytes[targetStart] == UInt8(ascii: "/"), head.method != .connect {
            head.path = ByteRange(targetStart, pathEnd)
        } else {
            try otherForm(bytes, pathEnd, &head)
        }
    }

    /// The place of the space after the method, which begins the line.
    @inline(__always)
    private static func endOfMethod(_ bytes: Span<UInt8>, _ line: borrowing LineWalk) throws(RequestError) -> Int {
        let start = line.start
        if bytes[start].isBlank { throw .foldedLine }
        var end = line.endOfName
        while ByteSet.token.contains(bytes[end]) { end &+= 1 }
        guard end > start, bytes[end] == .space else {
            throw bytes[end] == .carriageReturn ? .malformedRequestLine : .malformedMethod
        }
        return end
    }

    /// Reads "HTTP/", a digit, a dot and a digit (RFC 9112 §2.3).
    @inline(never)
    private static func version(_ bytes: Span<UInt8>) throws(RequestError) -> Version {
        guard bytes.count == 8, bytes.starts(with: "HTTP/"), bytes[5].isDigit, bytes[6] == UInt8(ascii: "."),
            bytes[7].isDigit
        else { throw .malformedVersion }
        guard bytes[5] == UInt8(ascii: "1") else { throw .unsupportedVersion }
        return bytes[7] == UInt8(ascii: "0") ? .http10 : .http11
    }

    /// Checks a target that does not begin with a slash: asterisk-form, authority-form or absolute-form (RFC 9112
    /// §3.2).
    private static func otherForm(
        _ bytes: Span<UInt8>, _ pathEnd: Int, _ head: inout RequestHead
    ) throws(RequestError) {
        let target = bytes[head.target]
        if head.method == .connect {
            guard Authority.isValidWithPort(target) else { throw .malformedTarget }
            head.authority = head.target
        } else if target.equals("*") {
            guard head.method == .options else { throw .malformedTarget }
            head.path = head.target
        } else {
            try absoluteForm(bytes, pathEnd, &head)
        }
    }

    /// Takes "http://authority/path?query" apart.
    private static func absoluteForm(
        _ bytes: Span<UInt8>, _ pathEnd: Int, _ head: inout RequestHead
    ) throws(RequestError) {
        let target = bytes[head.target]
        let scheme = target.startsIgnoringCase(with: "http://") ? 7 : 8
        guard scheme == 7 || target.startsIgnoringCase(with: "https://") else { throw .malformedTarget }
        let authorityStart = head.target.start + scheme
        guard authorityStart < pathEnd else { throw .malformedTarget }
        let authorityEnd = bytes.firstIndex(of: UInt8(ascii: "/"), in: authorityStart..<pathEnd)
        guard authorityEnd > authorityStart, bytes[authorityStart] != UInt8(ascii: ":"),
            Authority.isValid(bytes.extracting(authorityStart..<authorityEnd))
        else { throw .malformedTarget }
        head.authority = ByteRange(authorityStart, authorityEnd)
        // Without a path the path is "/" (RFC 9110 §4.2.3): the last byte of "http://" serves.
        let hasPath = authorityEnd < pathEnd
        head.path = hasPath ? ByteRange(authorityEnd, pathEnd) : ByteRange(authorityStart - 1, authorityStart)
    }
}

extension LineWalk {
    /// Moves to the next line that needs a look; false if it is not complete yet.
    ///
    /// A line ends with CRLF; a CR or LF of its own is an error, as RFC 9112 §2.2 allows, because peers disagree on
    /// them.
    ///
    /// - Parameters:
    ///   - bytes: the same bytes as in the call before.
    ///   - limit: where the line must end at the latest.
    ///   - names: which fields are looked at, if ``passes`` allows to pass over others.
    /// - Throws: `excess` as soon as the line must end after `limit`, whatever else is wrong with it.
    @inline(__always)
    fileprivate mutating func next(
        in bytes: Span<UInt8>, limit: Int, names: NameFilter, excess: RequestError
    ) throws(RequestError) -> Bool {
        if next(in: bytes, limit: limit, names: names) {
            guard end <= limit else { throw excess }
            return true
        }
        guard let fault = Self.fault(bytes, from: position, limit: limit) else { return false }
        throw fault == .headTooLarge ? excess : fault
    }

    /// What is wrong with bytes from `start` on that hold no whole line; ``RequestError/headTooLarge`` if it is only
    /// that they reach too far.
    @inline(never)
    private static func fault(_ bytes: Span<UInt8>, from start: Int, limit: Int) -> RequestError? {
        let end = bytes.endOfText(from: start)
        if end > limit { return .headTooLarge }
        if end == bytes.count { return nil }
        guard bytes[end] == .carriageReturn else { return bytes[end] == .lineFeed ? .bareLineFeed : .controlByte }
        return end + 1 < bytes.count ? .bareCarriageReturn : nil
    }
}

/// Bounds on what one request may cost. The defaults come from ``Config``.
package struct RequestLimits: Sendable {
    /// Longest request target, in bytes; longer is answered with 414.
    package var target: Int
    /// Longest head, in bytes, with the empty lines before and after it; longer is answered with 431.
    package var head: Int
    /// Most fields; more are answered with 431.
    package var fields: Int

    /// The given limits.
    @inline(__always)
    package init(
        target: Int = Config.maxRequestTarget, head: Int = Config.maxRequestHead, fields: Int = Config.maxHeaderFields
    ) {
        self.target = target
        self.head = head
        self.fields = fields
    }

    /// Longest request line without its CRLF: the target, a method and the version.
    @inline(__always)
    var requestLine: Int { target + Config.requestLineAllowance }
}

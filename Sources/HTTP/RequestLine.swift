// Sources/HTTP/RequestLine.swift — method, target and version.

import Bytes

/// Parses `method SP request-target SP HTTP-version` (RFC 9112 §3).
enum RequestLine {
    /// Parses a line, which holds no control byte but HTAB, into the first facts of `head`.
    @inline(never)
    static func parse(
        _ bytes: Span<UInt8>, _ line: borrowing LineScanner, _ limits: RequestLimits, into head: inout RequestHead
    ) throws(RequestError) {
        let end = line.end
        let targetStart = try endOfMethod(bytes, line) + 1
        head.methodRange = ByteRange(line.start, targetStart - 1)
        // "GET " is one comparison; the line is longer than a word, or it is no line.
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
    private static func endOfMethod(_ bytes: Span<UInt8>, _ line: borrowing LineScanner) throws(RequestError) -> Int {
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

// Sources/HTTP/HeadParser.swift — one pass over a request head, line by line.

import Utilities

/// The pass of ``RequestParser``.
///
///     empty lines ──▶ request line ──▶ field line ──▶ empty line ──▶ framing ──▶ head
///        ↺ ≤ Config.maxEmptyLines          ↺ ≤ limits.fields
///
/// A line is judged when it is complete, so that a cut in it changes nothing.
struct HeadParser {
    private var lines: LineScanner
    private var contentLength: UInt64?
    private var isChunked = false
    private var hasTransferEncoding = false
    private var connection = ConnectionOptions()
    private var upgradesToWebSocket = false

    @inline(__always)
    init(_ bytes: Span<UInt8>) {
        lines = LineScanner(bytes)
    }

    /// Parses; false if the head is not complete. `head` is new, and valid only after true.
    @inline(__always)
    mutating func run(
        _ bytes: Span<UInt8>, _ limits: RequestLimits, into head: inout RequestHead
    ) throws(RequestError) -> Bool {
        guard try requestLine(bytes, limits, &head) else { return false }
        head.fieldsStart = lines.position
        while true {
            let start = lines.position
            guard let end = try lines.next(in: bytes, limit: limits.head - 2, excess: .headTooLarge) else {
                return false
            }
            if end == start { break }
            guard Int(head.fieldCount) < limits.fields else { throw .tooManyFields }
            head.fieldCount += 1
            try field(bytes, start, end, &head)
        }
        head.length = lines.position
        try conclude(&head)
        return true
    }

    /// Skips empty lines and parses the request line; false if it is not complete.
    @inline(__always)
    private mutating func requestLine(
        _ bytes: Span<UInt8>, _ limits: RequestLimits, _ head: inout RequestHead
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

    /// Parses one field line.
    @inline(__always)
    private mutating func field(
        _ bytes: Span<UInt8>, _ start: Int, _ end: Int, _ head: inout RequestHead
    ) throws(RequestError) {
        let colon = try endOfName(bytes, start)
        let value = bytes.trimmingBlanks(colon + 1..<end)
        guard let field = KnownField(bytes.extracting(start..<colon)) else { return }
        let range = ByteRange(value.lowerBound, value.upperBound)
        head.known.insert(field, at: range)
        try note(field, bytes, range, &head)
    }

    /// The place of the colon after the field name that begins at `start`.
    @inline(__always)
    private func endOfName(_ bytes: Span<UInt8>, _ start: Int) throws(RequestError) -> Int {
        var end = bytes.endOfName(from: start)
        // Rare: a token with other characters than letters, digits and '-'.
        while bytes[end] != UInt8(ascii: ":") {
            guard ByteSet.token.contains(bytes[end]) else {
                throw end == start && bytes[end].isBlank ? .foldedLine : .malformedFieldName
            }
            end += 1
        }
        guard end > start else { throw .malformedFieldName }
        return end
    }

    /// Draws the conclusions from a field that steers the connection or the framing.
    @inline(__always)
    private mutating func note(
        _ field: KnownField, _ bytes: Span<UInt8>, _ value: ByteRange, _ head: inout RequestHead
    ) throws(RequestError) {
        switch field {
        case .host:
            guard !head.known.isRepeated(.host) else { throw .repeatedHost }
            guard Authority.isValid(bytes[value]) else { throw .malformedHost }
        case .connection:
            connection.read(bytes, value)
        case .contentLength:
            guard !head.known.isRepeated(.contentLength) else { throw .repeatedContentLength }
            guard let length = bytes[value].decimal else { throw .malformedContentLength }
            contentLength = length
        case .transferEncoding:
            guard head.version == .http11 else { throw .unexpectedTransferEncoding }
            try readCodings(bytes, value)
        case .upgrade:
            readUpgrade(bytes, value)
        case .expect:
            // HTTP/1.0 knows no expectations (RFC 9110 §10.1.1).
            guard head.version == .http11 else { break }
            guard bytes[value].equalsIgnoringCase("100-continue") else { throw .unknownExpectation }
            head.expectsContinue = true
        default: break
        }
    }

    /// Reads a list of transfer codings; `chunked` must come once and last (RFC 9112 §6.1).
    private mutating func readCodings(_ bytes: Span<UInt8>, _ value: ByteRange) throws(RequestError) {
        hasTransferEncoding = true
        var codings = ListIterator(value)
        while let coding = codings.next(in: bytes) {
            let name = bytes.extracting(coding)
            guard !isChunked, name.consists(of: .token) else { throw .malformedTransferEncoding }
            guard name.equalsIgnoringCase("chunked") else { throw .unknownTransferCoding }
            isChunked = true
        }
    }

    /// Looks for `websocket` in a list of protocols, with or without a version.
    private mutating func readUpgrade(_ bytes: Span<UInt8>, _ value: ByteRange) {
        var protocols = ListIterator(value)
        while let element = protocols.next(in: bytes) {
            if bytes.extracting(element).equalsIgnoringCase("websocket") { upgradesToWebSocket = true }
        }
    }

    /// Draws the conclusions that need all fields.
    @inline(__always)
    private func conclude(_ head: inout RequestHead) throws(RequestError) {
        let host = head.known[.host]
        guard host.isPresent || head.version == .http10 else { throw .missingHost }
        if !head.authority.isPresent { head.authority = host }

        if hasTransferEncoding {
            guard contentLength == nil else { throw .conflictingFraming }
            head.framing = .chunked
        } else if let length = contentLength, length > 0 {
            head.framing = .sized(length)
        } else {
            head.expectsContinue = false
        }

        head.keepsAlive = !connection.hasClose && (head.version == .http11 || connection.hasKeepAlive)
        head.wantsWebSocket = upgradesToWebSocket && connection.hasUpgrade && head.version == .http11
    }
}

/// The options of all Connection fields together (RFC 9110 §7.6.1). Unknown ones are ignored.
struct ConnectionOptions {
    private(set) var hasClose = false
    private(set) var hasKeepAlive = false
    private(set) var hasUpgrade = false

    @inline(__always)
    init() {}

    /// Adds the options of one field.
    @inline(__always)
    mutating func read(_ bytes: Span<UInt8>, _ value: ByteRange) {
        var options = ListIterator(value)
        while let element = options.next(in: bytes) {
            let option = bytes.extracting(element)
            switch option.count {
            case 5 where option.equalsIgnoringCase("close"): hasClose = true
            case 7 where option.equalsIgnoringCase("upgrade"): hasUpgrade = true
            case 10 where option.equalsIgnoringCase("keep-alive"): hasKeepAlive = true
            default: break
            }
        }
    }
}

// Sources/HTTP/FieldFacts.swift — what the fields say about framing, connection and content codings.

import Bytes

/// Collects what the known fields of one head say, and checks it after the last one.
struct FieldFacts {
    private var contentLength: UInt64 = 0
    private var isChunked = false
    private var upgradesToWebSocket = false
    // The options of all Connection fields together (RFC 9110 §7.6.1).
    private var hasClose = false
    private var hasKeepAlive = false
    private var hasUpgrade = false
    /// All Accept-Encoding fields together are one list (RFC 9110 §5.3).
    private var encodings = AcceptEncoding()

    @inline(__always)
    init() {}

    /// Records a known field, whose value is in `start..<end` with white space around it.
    @inline(never)
    mutating func note(
        _ field: KnownField, _ bytes: Span<UInt8>, _ start: Int, _ end: Int, _ head: inout RequestHead
    ) throws(RequestError) {
        let trimmed = bytes.trimmingBlanks(start..<end)
        let isRepeated = head.known.insert(field, at: ByteRange(trimmed.lowerBound, trimmed.upperBound))
        let value = bytes.extracting(trimmed)
        switch field {
        case .host:
            guard !isRepeated else { throw .repeatedHost }
            guard Authority.isValid(value) else { throw .malformedHost }
        case .contentLength:
            guard !isRepeated else { throw .repeatedContentLength }
            guard let length = value.decimal else { throw .malformedContentLength }
            contentLength = length
        case .expect:
            // HTTP/1.0 knows no expectations (RFC 9110 §10.1.1).
            guard head.version == .http11 else { break }
            guard value.equalsIgnoringCase("100-continue") else { throw .unknownExpectation }
            head.expectsContinue = true
        case .transferEncoding:
            guard head.version == .http11 else { throw .unexpectedTransferEncoding }
            try readList(field, value)
        case .connection, .upgrade:
            try readList(field, value)
        case .acceptEncoding:
            encodings.read(value)
        default: break
        }
    }

    /// Decides what needs all fields.
    @inline(__always)
    func conclude(_ head: inout RequestHead) throws(RequestError) {
        let host = head.known[.host]
        guard host.isPresent || head.version == .http10 else { throw .missingHost }
        if !head.authority.isPresent { head.authority = host }

        if head.known[.transferEncoding].isPresent {
            guard !head.known[.contentLength].isPresent else { throw .conflictingFraming }
            head.framing = .chunked
        } else if contentLength > 0 {
            head.framing = .sized(contentLength)
        } else {
            head.expectsContinue = false
        }

        head.keepsAlive = !hasClose && (head.version == .http11 || hasKeepAlive)
        head.prefersGzip = encodings.prefersGzip
        head.wantsWebSocket = upgradesToWebSocket && hasUpgrade && head.version == .http11
    }

    /// Reads the elements of a list.
    private mutating func readList(_ field: KnownField, _ value: Span<UInt8>) throws(RequestError) {
        var elements = ListIterator(value)
        while let range = elements.next(in: value) {
            let element = value.extracting(range)
            switch field {
            case .connection: readOption(element)
            case .upgrade: if element.equalsIgnoringCase("websocket") { upgradesToWebSocket = true }
            default: try readCoding(element)
            }
        }
    }

    /// Reads a transfer coding; `chunked` must come once and last (RFC 9112 §6.1).
    private mutating func readCoding(_ name: Span<UInt8>) throws(RequestError) {
        guard !isChunked, name.consists(of: .token) else { throw .malformedTransferEncoding }
        guard name.equalsIgnoringCase("chunked") else { throw .unknownTransferCoding }
        isChunked = true
    }

    /// Reads a connection option. Unknown ones are ignored.
    private mutating func readOption(_ name: Span<UInt8>) {
        if name.equalsIgnoringCase("keep-alive") {
            hasKeepAlive = true
        } else if name.equalsIgnoringCase("close") {
            hasClose = true
        } else if name.equalsIgnoringCase("upgrade") {
            hasUpgrade = true
        }
    }
}

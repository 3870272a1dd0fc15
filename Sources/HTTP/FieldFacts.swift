// Sources/HTTP/FieldFacts.swift — what the fields say about framing and connection.

import Utilities

/// Gathers what the known fields of one head say, and judges it when all were seen.
struct FieldFacts {
    private var contentLength: UInt64?
    private var hasTransferEncoding = false
    private var isChunked = false
    private var upgradesToWebSocket = false
    private var connection = ConnectionOptions()

    @inline(__always)
    init() {}

    /// Notes a known field, whose value lies, with white space around it, in `range`.
    @inline(never)
    mutating func note(
        _ field: KnownField, _ bytes: Span<UInt8>, _ range: Range<Int>, _ head: inout RequestHead
    ) throws(RequestError) {
        let trimmed = bytes.trimmingBlanks(range)
        let value = ByteRange(trimmed.lowerBound, trimmed.upperBound)
        head.known.insert(field, at: value)
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

    /// Draws the conclusions that need all fields.
    @inline(__always)
    func conclude(_ head: inout RequestHead) throws(RequestError) {
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

    /// Looks for `websocket` in a list of protocols.
    private mutating func readUpgrade(_ bytes: Span<UInt8>, _ value: ByteRange) {
        var protocols = ListIterator(value)
        while let element = protocols.next(in: bytes) {
            if bytes.extracting(element).equalsIgnoringCase("websocket") { upgradesToWebSocket = true }
        }
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

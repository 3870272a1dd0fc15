// Tests/Fuzz/fuzz-http/FieldReadings.swift — what some fields of a request mean, by the real and by plain readers.

import Bytes
import HTTP
import WebSocket

/// The answers to the questions that a server asks about the fields of one request.
struct FieldReadings: Equatable {
    /// What is wrong with the request as a WebSocket handshake, and whether it offers a subprotocol "a".
    private var problem: HandshakeProblem?
    private var offersProtocol: Bool
    /// Whether the response is gzip-coded, whether the client has "a" already, and whether it wants nothing else.
    private var prefersGzip: Bool
    private var hasTag: Bool
    private var wantsTag: Bool

    private static let allowedOrigins: StaticString = "http://y https://b.example:80"

    /// By the real readers, of the request that `bytes` begin with; nil if they begin with none.
    init?(real bytes: [UInt8], _ limits: RequestLimits) {
        var head = RequestHead()
        var scanned = 0
        guard (try? RequestParser.parse(bytes.span, scanned: &scanned, limits: limits, into: &head)) == true else {
            return nil
        }
        let span = bytes.span
        problem = Handshake.judge(head, in: span, allowedOrigins: Self.allowedOrigins.bytes)
        offersProtocol = Handshake.offers("a", head, in: span)
        prefersGzip = head.prefersGzip
        hasTag = Self.has(.ifNoneMatch, by: .weak, head, span)
        wantsTag = Self.has(.ifMatch, by: .strong, head, span)
    }

    private static func has(
        _ field: KnownField, by comparison: EntityTagList.Comparison, _ head: RequestHead, _ bytes: Span<UInt8>
    ) -> Bool {
        var values = KnownFieldIterator(field, head)
        while let range = values.next(in: bytes) {
            // Each value is looked at with nothing behind it.
            let value = Array(bytes[range])
            if EntityTagList.contains(Array("\"a\"".utf8).span, value.span, by: comparison) { return true }
        }
        return false
    }

    /// By the plain readers.
    init(plain request: ReferenceRequest) {
        func values(_ name: String) -> [[UInt8]] {
            request.fields.filter { lower($0.name) == Array(name.utf8) }.map(\.value)
        }
        problem = Self.problem(request, values)
        offersProtocol = values("sec-websocket-protocol").contains { Self.elements($0).contains([97]) }
        prefersGzip = Self.prefersGzip(values("accept-encoding").flatMap(Self.elements))
        hasTag = values("if-none-match").contains { Self.holdsTag($0, orWeak: true) }
        wantsTag = values("if-match").contains { Self.holdsTag($0, orWeak: false) }
    }

    /// RFC 6455 §4.2.1
    private static func problem(_ request: ReferenceRequest, _ values: (String) -> [[UInt8]]) -> HandshakeProblem? {
        let versions = values("sec-websocket-version")
        let keys = values("sec-websocket-key")
        let origins = values("origin").map { lower($0) }
        let allowed = ["http://y", "https://b.example:80"].map { [Array($0.utf8)] }
        if request.method != Array("GET".utf8) || !request.wantsWebSocket { return .notAnUpgrade }
        if request.framing != .none { return .hasBody }
        if versions.isEmpty { return .missingVersion }
        if versions != [Array("13".utf8)] { return .wrongVersion }
        if keys.isEmpty { return .missingKey }
        if keys.count > 1 || !isKey(keys[0]) { return .malformedKey }
        return allowed.contains(origins) ? nil : .originForbidden
    }

    /// 16 bytes in Base64: 22 letters, of which the last stands for two bits, and the padding (RFC 4648 §4).
    private static func isKey(_ text: [UInt8]) -> Bool {
        text.count == 24 && text[..<22].allSatisfy { isAlphanumeric($0) || $0 == 43 || $0 == 47 }
            && Array("AQgw".utf8).contains(text[21]) && text[22...] == [61, 61]
    }

    /// The elements of a list (RFC 9110 §5.6.1).
    private static func elements(_ value: [UInt8]) -> [[UInt8]] {
        value.split(separator: 44, omittingEmptySubsequences: false).map { trimmed($0) }
    }

    /// RFC 9110 §12.5.3: not if gzip is forbidden or not named, nor if it is liked less than nothing at all.
    private static func prefersGzip(_ elements: [[UInt8]]) -> Bool {
        var weights: [String: Int] = [:]
        for element in elements {
            let parts = element.split(separator: 59, maxSplits: 1, omittingEmptySubsequences: false).map { trimmed($0) }
            var name = String(decoding: lower(parts[0]), as: UTF8.self)
            if name == "x-gzip" { name = "gzip" }
            let weight = parts.count == 1 ? 1000 : thousandths(lower(parts[1]))
            if let weight, weights[name] == nil { weights[name] = weight }
        }
        let gzip = weights["gzip"] ?? weights["*"] ?? 0
        return gzip > 0 && gzip >= weights["identity"] ?? weights["*"] ?? 0
    }

    /// `weight` without its semicolon (RFC 9110 §12.4.2), in thousandths.
    private static func thousandths(_ text: [UInt8]) -> Int? {
        guard text.starts(with: [113, 61]) else { return nil }
        let parts = text[2...].split(separator: 46, maxSplits: 1, omittingEmptySubsequences: false)
        let digits = parts.count > 1 ? Array(parts[1]) : []
        guard parts[0] == [48] || parts[0] == [49], digits.count <= 3, digits.allSatisfy(isDigit) else { return nil }
        let filled = Array(parts[0]) + digits + Array(repeating: 48, count: 3 - digits.count)
        return number(filled).flatMap { $0 <= 1000 ? Int($0) : nil }
    }

    /// Whether the list has `"a"`, or else `W/"a"`, before anything that is wrong (RFC 9110 §13.1).
    private static func holdsTag(_ value: [UInt8], orWeak: Bool) -> Bool {
        if value == [42] { return true }
        var rest = value[...]
        while true {
            rest = rest.drop { $0 == 44 || $0 == 32 || $0 == 9 }
            let isWeak = rest.starts(with: [87, 47])
            if isWeak { rest = rest.dropFirst(2) }
            guard rest.popFirst() == 34 else { return false }
            let tag = Array(rest.prefix { $0 != 34 && $0 != 32 && $0 != 9 })
            rest = rest.dropFirst(tag.count)
            guard rest.popFirst() == 34 else { return false }
            if tag == [97], orWeak || !isWeak { return true }
            rest = rest.drop { $0 == 32 || $0 == 9 }
            guard rest.first == 44 else { return false }
        }
    }
}

// Tests/HTTPTests/KnownFieldTests.swift — every known field is noted, among others that resemble it.

import Bytes
import HTTP
import Testing

@Suite struct KnownFieldTests {
    static let names: [(field: KnownField, name: String)] = [
        (.host, "Host"), (.connection, "Connection"), (.contentLength, "Content-Length"),
        (.transferEncoding, "Transfer-Encoding"), (.expect, "Expect"), (.upgrade, "Upgrade"),
        (.ifMatch, "If-Match"), (.ifNoneMatch, "If-None-Match"), (.acceptEncoding, "Accept-Encoding"),
        (.origin, "Origin"), (.webSocketKey, "Sec-WebSocket-Key"), (.webSocketVersion, "Sec-WebSocket-Version"),
        (.webSocketProtocol, "Sec-WebSocket-Protocol"), (.webSocketExtensions, "Sec-WebSocket-Extensions"),
    ]

    /// Values that are valid for their field.
    private func value(_ field: KnownField) -> String {
        switch field {
        case .contentLength: "7"
        case .transferEncoding: "chunked"
        case .expect: "100-continue"
        default: "x"
        }
    }

    @Test(arguments: names.indices)
    func aKnownFieldIsNotedInAnyCaseOfLetters(_ index: Int) throws {
        let (field, name) = Self.names[index]
        let last = name.dropLast() + "_"
        let others = "\(last): no\r\nX\(name): no\r\n\(name)s: no\r\n"
        for spelled in [name, name.lowercased(), name.uppercased()] {
            let host = field == .host ? "" : "Host: h\r\n"
            let bytes = Array("GET / HTTP/1.1\r\n\(host)\(others)\(spelled): \(value(field))\r\n\(others)\r\n".utf8)
            var head = RequestHead()
            var scanned = 0
            let isComplete = try RequestParser.parse(bytes.span, scanned: &scanned, into: &head)
            #expect(isComplete)
            var noted = ""
            if let span = head.field(field, in: bytes.span) { noted = String(span) }
            #expect(noted == value(field), "\(spelled)")
            #expect(head.fieldCount == (field == .host ? 7 : 8))
        }
    }
}

// Tests/HTTPTests/RequestHeadTests.swift — looking up fields.

import HTTP
import Testing

@Suite struct RequestHeadTests {
    static let text =
        "GET /a HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nX-Custom:\tone \r\nx-custom: two\r\nEmpty:\r\n"
        + "If-None-Match: \"a\"\r\nAccept-Encoding: gzip\r\nOrigin: http://o\r\nSec-WebSocket-Key: k\r\n"
        + "sec-websocket-version: 13\r\nSec-WebSocket-Protocol: p\r\nSec-WebSocket-Protocol: q\r\n"
        + "Sec-WebSocket-Extensions: e\r\n\r\n"

    private func withHead(_ body: (RequestHead, [UInt8]) -> Void) throws {
        var head = RequestHead()
        var scanned = 0
        let bytes = Self.text.latin1
        let isComplete = try RequestParser.parse(bytes.span, scanned: &scanned, into: &head)
        #expect(isComplete)
        body(head, bytes)
    }

    private func value(_ name: StaticString, _ head: RequestHead, _ bytes: [UInt8]) -> String? {
        if let value = head.field(name, in: bytes.span) { String(value) } else { nil }
    }

    private func value(_ field: KnownField, _ head: RequestHead, _ bytes: [UInt8]) -> String? {
        if let value = head.field(field, in: bytes.span) { String(value) } else { nil }
    }

    @Test func aFieldIsFoundInAnyCase() throws {
        try withHead { head, bytes in
            #expect(value("accept", head, bytes) == "*/*")
            #expect(value("ACCEPT", head, bytes) == "*/*")
            #expect(value("Empty", head, bytes) == "")
            #expect(value("accep", head, bytes) == nil)
            #expect(value("two", head, bytes) == nil)
        }
    }

    @Test func ofRepeatedFieldsTheFirstIsFound() throws {
        try withHead { head, bytes in
            #expect(value("x-custom", head, bytes) == "one")
            #expect(value(.webSocketProtocol, head, bytes) == "p")
            #expect(head.known.isRepeated(.webSocketProtocol))
            #expect(!head.known.isRepeated(.webSocketKey))
        }
    }

    @Test func knownFieldsAreNoted() throws {
        try withHead { head, bytes in
            let expected: [(KnownField, String?)] = [
                (.host, "x"), (.ifNoneMatch, "\"a\""), (.acceptEncoding, "gzip"), (.origin, "http://o"),
                (.webSocketKey, "k"), (.webSocketVersion, "13"), (.webSocketExtensions, "e"), (.upgrade, nil),
                (.connection, nil), (.contentLength, nil), (.transferEncoding, nil), (.expect, nil),
            ]
            for (field, value) in expected {
                #expect(self.value(field, head, bytes) == value)
            }
        }
    }

    @Test func allFieldsAreWalkedInOrder() throws {
        try withHead { head, bytes in
            let fields = facts(head, bytes.span).fields
            #expect(fields.count == 13)
            #expect(fields.count == Int(head.fieldCount))
            #expect(fields[2...4] == ["X-Custom=one", "x-custom=two", "Empty="])
        }
    }
}

// Tests/WebSocketTests/HandshakeTests.swift — which requests open a WebSocket: RFC 6455 §1.3, §4.1, §4.2, §4.4, §10.2.

import Bytes
import HTTP
import Testing
import WebSocket

/// A request that differs from a good one, and what is wrong with it.
struct HandshakeRow: Sendable, CustomTestStringConvertible {
    let request: String
    let origins: String
    let problem: HandshakeProblem?

    /// The good request, with each of `changes` made: a line to replace, or its name, and the lines for it.
    init(_ changes: [(String, String)] = [], origins: String = "", _ problem: HandshakeProblem? = nil) {
        var lines = [
            "GET /ws HTTP/1.1", "Host: example.com", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
        ]
        for (name, replacement) in changes {
            if let place = lines.firstIndex(where: { $0.hasPrefix(name) }) {
                lines[place] = replacement
            } else {
                lines.append(replacement)
            }
        }
        request = (lines.filter { !$0.isEmpty } + ["", ""]).joined(separator: "\r\n")
        self.origins = origins
        self.problem = problem
    }

    var testDescription: String { request.debugDescription + " " + origins }
}

@Suite struct HandshakeTests {
    /// What `body` makes of the head of `request`; nil if the parser refuses it.
    private func withHead<Result>(_ request: String, _ body: (RequestHead, Span<UInt8>) -> Result) -> Result? {
        let bytes = Array(request.utf8)
        var head = RequestHead()
        var scanned = 0
        let isWhole = try? RequestParser.parse(bytes.span, scanned: &scanned, limits: RequestLimits(), into: &head)
        return isWhole == true ? body(head, bytes.span) : nil
    }

    static let requests = [
        HandshakeRow(),
        // §4.2.1: names and tokens in any case of letters, in lists.
        HandshakeRow([("Upgrade", "uPGRADE: WebSocket"), ("Connection", "connection: keep-alive, UPGRADE")]),
        HandshakeRow([("Upgrade", "Upgrade: h2c, websocket"), ("Sec-WebSocket-V", "sec-websocket-version:13")]),
        HandshakeRow([("Sec-WebSocket-Extensions", "Sec-WebSocket-Extensions: permessage-deflate; =broken,,")]),
        HandshakeRow([("Content-Length", "Content-Length: 0")]),
        // §4.2.1 1: GET, HTTP/1.1 or higher.
        HandshakeRow([("GET", "POST /ws HTTP/1.1")], .notAnUpgrade),
        HandshakeRow([("GET", "HEAD /ws HTTP/1.1")], .notAnUpgrade),
        HandshakeRow([("GET", "GET /ws HTTP/1.0")], .notAnUpgrade),
        HandshakeRow([("GET", "GET /ws HTTP/1.2")]),
        // §4.2.1 3, 4: Upgrade and Connection.
        HandshakeRow([("Upgrade", "")], .notAnUpgrade), HandshakeRow([("Connection", "")], .notAnUpgrade),
        HandshakeRow([("Upgrade", "Upgrade: websockets")], .notAnUpgrade),
        HandshakeRow([("Connection", "Connection: keep-alive")], .notAnUpgrade),
        // §4.1: there is no body.
        HandshakeRow([("Content-Length", "Content-Length: 1")], .hasBody),
        HandshakeRow([("Transfer-Encoding", "Transfer-Encoding: chunked")], .hasBody),
        // §4.2.1 6, §4.4: version 13.
        HandshakeRow([("Sec-WebSocket-V", "")], .missingVersion),
        HandshakeRow([("Sec-WebSocket-V", "Sec-WebSocket-Version: 8")], .wrongVersion),
        HandshakeRow([("Sec-WebSocket-V", "Sec-WebSocket-Version: 14")], .wrongVersion),
        HandshakeRow([("Sec-WebSocket-V", "Sec-WebSocket-Version: 013")], .wrongVersion),
        HandshakeRow([("Sec-WebSocket-V", "Sec-WebSocket-Version: 13, 8")], .wrongVersion),
        HandshakeRow([("Sec-WebSocket-V", "Sec-WebSocket-Version:")], .wrongVersion),
        HandshakeRow(
            [("Sec-WebSocket-V", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13")], .wrongVersion),
        // §4.2.1 5: a key of 16 bytes.
        HandshakeRow([("Sec-WebSocket-K", "")], .missingKey),
        HandshakeRow([("Sec-WebSocket-K", "Sec-WebSocket-Key:")], .malformedKey),
        HandshakeRow([("Sec-WebSocket-K", "Sec-WebSocket-Key:   AAAAAAAAAAAAAAAAAAAAAA==  \t")]),
        HandshakeRow([("Sec-WebSocket-K", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAA")], .malformedKey),
        HandshakeRow([("Sec-WebSocket-K", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAA=")], .malformedKey),
        HandshakeRow([("Sec-WebSocket-K", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAAA")], .malformedKey),
        HandshakeRow([("Sec-WebSocket-K", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAB==")], .malformedKey),
        HandshakeRow([("Sec-WebSocket-K", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA")], .malformedKey),
        HandshakeRow([("Sec-WebSocket-K", "Sec-WebSocket-Key: AAAAAAAAAA*AAAAAAAAAAA==")], .malformedKey),
        HandshakeRow([("Sec-WebSocket-K", "Sec-WebSocket-Key: AAAAAAAAAA AAAAAAAAAAA==")], .malformedKey),
        HandshakeRow(
            [
                (
                    "Sec-WebSocket-K",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
                )
            ], .malformedKey),
        // §10.2: the origin, if it matters.
        HandshakeRow([("Origin", "Origin: http://evil.example")]),
        HandshakeRow([("Origin", "Origin: http://a.example")], origins: "http://a.example"),
        HandshakeRow([("Origin", "Origin: a")], origins: "b a"),
        HandshakeRow([("Origin", "Origin: HTTP://A.Example")], origins: "http://b.example http://a.example"),
        HandshakeRow([("Origin", "Origin: http://a.example")], origins: "  http://a.example  http://b.example "),
        HandshakeRow([("Origin", "Origin: http://evil.example")], origins: "http://a.example *"),
        HandshakeRow(origins: "*"), HandshakeRow([("Origin", "Origin: null")], origins: "null"),
        HandshakeRow(origins: "http://a.example", .originForbidden),
        HandshakeRow([("Origin", "Origin:")], origins: " http://a.example  http://b ", .originForbidden),
        HandshakeRow([("Origin", "Origin: http://a.example")], origins: " ", .originForbidden),
        HandshakeRow([("Origin", "Origin: http://a.example:81")], origins: "http://a.example", .originForbidden),
        HandshakeRow([("Origin", "Origin: https://a.example")], origins: "http://a.example", .originForbidden),
        HandshakeRow([("Origin", "Origin: http://a.exampl")], origins: "http://a.example", .originForbidden),
        HandshakeRow([("Origin", "Origin: *")], origins: "http://a.example", .originForbidden),
        HandshakeRow(
            [("Origin", "Origin: http://a.example http://b.example")], origins: "http://a.example http://b.example",
            .originForbidden),
        HandshakeRow(
            [("Origin", "Origin: http://a.example\r\nOrigin: http://a.example")], origins: "http://a.example",
            .originForbidden),
    ]

    @Test(arguments: requests)
    func aRequestIsJudgedByTheRulesOf_4_2_1(_ row: HandshakeRow) {
        let origins = Array(row.origins.utf8)
        let problem = withHead(row.request) { Handshake.judge($0, in: $1, allowedOrigins: origins.span) }
        #expect(problem == .some(row.problem))
    }

    @Test func aProblemIsAnsweredWithWhatTheClientNeeds_4_4() {
        let answers: [(HandshakeProblem, UInt16, String)] = [
            (.notAnUpgrade, 426, "Upgrade: websocket\r\nConnection: Upgrade\r\n"),
            (.missingVersion, 426, "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"),
            (.wrongVersion, 426, "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"),
            (.hasBody, 400, ""), (.missingKey, 400, ""), (.malformedKey, 400, ""), (.originForbidden, 403, ""),
        ]
        for (problem, status, fields) in answers {
            #expect(problem.status.code == status)
            #expect(String(describing: problem.fields) == fields)
        }
    }

    // MARK: The answer

    private let key = Array("dGhlIHNhbXBsZSBub25jZQ==".utf8)

    private func text(_ body: (inout ByteWriter) -> Void) -> String? {
        written(body: body).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func theAcceptValueOf_1_3() {
        #expect(text { $0.append(acceptFor: key.span) } == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test func theResponseOf_4_2_2() {
        let head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
        let plain = text { $0.append(switchingProtocolsFor: key.span, subprotocol: nil) }
        #expect(plain == head + accept + "\r\n")
        #expect(plain?.utf8.count == 129)
        let chat = text { $0.append(switchingProtocolsFor: key.span, subprotocol: "chat") }
        #expect(chat == head + accept + "Sec-WebSocket-Protocol: chat\r\n\r\n")
    }

    // MARK: Subprotocols

    @Test(arguments: [
        ("", false), ("Sec-WebSocket-Protocol: chat", true), ("sec-websocket-protocol:chat", true),
        ("Sec-WebSocket-Protocol: superchat, chat", true), ("Sec-WebSocket-Protocol: chat,superchat", true),
        ("Sec-WebSocket-Protocol: ,, chat ,", true), ("Sec-WebSocket-Protocol: Chat", false),
        ("Sec-WebSocket-Protocol: superchat", false), ("Sec-WebSocket-Protocol:", false),
        ("Sec-WebSocket-Protocol: chat2, cha, c hat", false), ("Sec-WebSocket-Protocols: chat", false),
        ("Sec-WebSocket-Protocol: a\r\nX: chat\r\nSec-WebSocket-Protocol: b, chat", true),
        ("Sec-WebSocket-Protocol: a\r\nX: chat\r\nSec-WebSocket-Protocol: b", false),
    ])
    func aSubprotocolIsOfferedInAnyOfTheLists_11_3_4(_ fields: String, _ isOffered: Bool) {
        let row = HandshakeRow([("Sec-WebSocket-Protocol", fields)])
        #expect(withHead(row.request) { Handshake.offers("chat", $0, in: $1) } == isOffered)
    }
}

// Tests/HTTPTests/RequestParserTests.swift — what is accepted and what is refused, section by section.

import HTTP
import Testing

/// A message and what it must be refused with.
struct Refusal: Sendable, CustomTestStringConvertible {
    let text: String
    let error: RequestError

    init(_ text: String, _ error: RequestError) {
        self.text = text
        self.error = error
    }

    var testDescription: String { String(text.debugDescription.prefix(120)) }
}

@Suite struct RequestParserTests {
    // MARK: RFC 9112 §2.1, the shape of a head

    @Test func theSmallestRequestIsAccepted() {
        let text = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        #expect(
            parse(text)
                == .head(
                    Facts(
                        method: .get, methodName: "GET", target: "/", path: "/", query: nil, authority: "x",
                        version: .http11, keepsAlive: true, expectsContinue: false, wantsWebSocket: false,
                        framing: .none, length: text.utf8.count, fields: ["Host=x"], fieldCount: 1,
                        known: ["host=x"])))
    }

    static let accepted = [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "\r\n\r\nGET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
        "POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        "CONNECT a.b:443 HTTP/1.1\r\nHost: a.b:443\r\n\r\n",
        "GET http://h:1/p?q HTTP/1.1\r\nHost: x\r\nA_b.c~!#$%&'*+^`|: \t odd \t\r\nEmpty:\r\n\r\n",
        "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        "GET /\u{7C}long/path/with/many/segments/that/needs/more/than/one/vector?and=a&query=too HTTP/1.1\r\n"
            + "Host: example.org:8000\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) \u{E9}\r\n"
            + "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
            + "Accept-Encoding: gzip, br\r\nCookie: a=b; c=d\r\nCookie: e=f\r\n\r\n",
    ]

    @Test(arguments: accepted.indices)
    func aHeadIsTheSameHoweverItIsCut(_ index: Int) {
        let text = Self.accepted[index]
        #expect(parsedFacts(text) != nil)
        #expect(cutsThatDiffer(text) == [])
    }

    @Test(arguments: accepted.indices)
    func aPrefixOfAHeadIsIncomplete(_ index: Int) throws {
        let text = Self.accepted[index]
        let length = try #require(parsedFacts(text)).length
        for count in 0..<length {
            #expect(parse(Array(text.latin1.prefix(count))) == .incomplete)
        }
    }

    // MARK: RFC 9112 §2.2, lines

    static let badLines = [
        Refusal("GET / HTTP/1.1\nHost: x\n\n", .bareLineFeed),
        Refusal("GET / HTTP/1.1\r\nHost: x\n\r\n", .bareLineFeed),
        Refusal("\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", .bareLineFeed),
        Refusal("GET / HTTP/1.1\r\nHost: x\r\n\n", .bareLineFeed),
        Refusal("GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n", .bareCarriageReturn),
        Refusal("GET / HTTP/1.1\r\nHost: x\r\r\n\r\n", .bareCarriageReturn),
        Refusal("GET / HTTP/1.1\rHost: x\r\n\r\n", .bareCarriageReturn),
        Refusal("GET / HTTP/1.1\r\nHost: x\r\n\rX", .bareCarriageReturn),
        Refusal("GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", .controlByte),
        Refusal("GET / HTTP/1.1\r\nHost: x\r\nA: b\u{7F}\r\n\r\n", .controlByte),
        Refusal("GET / HTTP/1.1\r\nHost: x\r\nA: b\u{1F}c\r\n\r\n", .controlByte),
        Refusal("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", .controlByte),
        Refusal("\u{16}\u{03}\u{01}\u{02}\0\u{01}", .controlByte),
        Refusal("GET / HTTP/1.1\r\n Host: x\r\n\r\n", .foldedLine),
        Refusal("GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", .foldedLine),
        Refusal("GET / HTTP/1.1\r\nHost: x\r\n\tfolded: y\r\n\r\n", .foldedLine),
        Refusal(" GET / HTTP/1.1\r\nHost: x\r\n\r\n", .foldedLine),
        Refusal("\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", .tooManyEmptyLines),
    ]

    // MARK: RFC 9112 §3, the request line

    static let badRequestLines = [
        Refusal("GET\r\n\r\n", .malformedRequestLine),
        Refusal("GET /\r\n\r\n", .malformedRequestLine),
        Refusal("GET  HTTP/1.1\r\nHost: x\r\n\r\n", .malformedRequestLine),
        Refusal("GET  / HTTP/1.1\r\nHost: x\r\n\r\n", .malformedRequestLine),
        Refusal("GET /  HTTP/1.1\r\nHost: x\r\n\r\n", .malformedVersion),
        Refusal("GET / HTTP/1.1 \r\nHost: x\r\n\r\n", .malformedVersion),
        Refusal("GET / x HTTP/1.1\r\nHost: x\r\n\r\n", .malformedVersion),
        Refusal("GET / HTTP/1.10\r\nHost: x\r\n\r\n", .malformedVersion),
        Refusal("GET / HTTP/11\r\nHost: x\r\n\r\n", .malformedVersion),
        Refusal("GET / http/1.1\r\nHost: x\r\n\r\n", .malformedVersion),
        Refusal("GET / HTTP/1.x\r\nHost: x\r\n\r\n", .malformedVersion),
        Refusal("GET / HTTPS/1.1\r\nHost: x\r\n\r\n", .malformedVersion),
        Refusal("GET / HTTP/2.0\r\nHost: x\r\n\r\n", .unsupportedVersion),
        Refusal("GET / HTTP/0.9\r\n\r\n", .unsupportedVersion),
        Refusal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion),
        Refusal("GE(T / HTTP/1.1\r\nHost: x\r\n\r\n", .malformedMethod),
        Refusal("G\u{C9}T / HTTP/1.1\r\nHost: x\r\n\r\n", .malformedMethod),
        Refusal("GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n", .malformedMethod),
        Refusal("GET /\tHTTP/1.1\r\nHost: x\r\n\r\n", .malformedTarget),
        Refusal("GET /#a HTTP/1.1\r\nHost: x\r\n\r\n", .malformedTarget),
        Refusal("GET /?a#b HTTP/1.1\r\nHost: x\r\n\r\n", .malformedTarget),
        Refusal("GET /\u{E9} HTTP/1.1\r\nHost: x\r\n\r\n", .malformedTarget),
        Refusal("GET a HTTP/1.1\r\nHost: x\r\n\r\n", .malformedTarget),
        Refusal("GET ?a HTTP/1.1\r\nHost: x\r\n\r\n", .malformedTarget),
        Refusal("GET * HTTP/1.1\r\nHost: x\r\n\r\n", .malformedTarget),
        Refusal("OPTIONS ** HTTP/1.1\r\nHost: x\r\n\r\n", .malformedTarget),
        Refusal("GET a.b:443 HTTP/1.1\r\nHost: x\r\n\r\n", .malformedTarget),
        Refusal("CONNECT / HTTP/1.1\r\nHost: x\r\n\r\n", .malformedTarget),
        Refusal("CONNECT a.b HTTP/1.1\r\nHost: x\r\n\r\n", .malformedTarget),
        Refusal("CONNECT a.b: HTTP/1.1\r\nHost: x\r\n\r\n", .malformedTarget),
        Refusal("CONNECT :443 HTTP/1.1\r\nHost: x\r\n\r\n", .malformedTarget),
        Refusal("GET ftp://a/ HTTP/1.1\r\nHost: x\r\n\r\n", .malformedTarget),
        Refusal("GET http:///a HTTP/1.1\r\nHost: x\r\n\r\n", .malformedTarget),
        Refusal("GET http://:80/a HTTP/1.1\r\nHost: x\r\n\r\n", .malformedTarget),
        Refusal("GET http://u@a/ HTTP/1.1\r\nHost: x\r\n\r\n", .malformedTarget),
        Refusal("GET http:/a HTTP/1.1\r\nHost: x\r\n\r\n", .malformedTarget),
    ]

    // MARK: RFC 9112 §3.2, Host

    static let badHosts = [
        Refusal("GET / HTTP/1.1\r\n\r\n", .missingHost),
        Refusal("GET http://a/ HTTP/1.1\r\n\r\n", .missingHost),
        Refusal("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", .repeatedHost),
        Refusal("GET / HTTP/1.0\r\nHost: x\r\nhost: y\r\n\r\n", .repeatedHost),
        Refusal("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .malformedHost),
        Refusal("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .malformedHost),
        Refusal("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", .malformedHost),
        Refusal("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", .malformedHost),
        Refusal("GET / HTTP/1.1\r\nHost: a:80:80\r\n\r\n", .malformedHost),
        Refusal("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", .malformedHost),
        Refusal("GET / HTTP/1.1\r\nHost: []\r\n\r\n", .malformedHost),
        Refusal("GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", .malformedHost),
        Refusal("GET / HTTP/1.1\r\nHost: a%2\r\n\r\n", .malformedHost),
        Refusal("GET / HTTP/1.1\r\nHost: a%zz\r\n\r\n", .malformedHost),
        Refusal("GET / HTTP/1.1\r\nHost: a%g1\r\n\r\n", .malformedHost),
        Refusal("GET / HTTP/1.1\r\nHost: a%1g\r\n\r\n", .malformedHost),
        Refusal("GET / HTTP/1.1\r\nHost: \u{E9}\r\n\r\n", .malformedHost),
    ]

    // MARK: RFC 9112 §5, fields

    static let badFields = [
        Refusal("GET / HTTP/1.1\r\nHost : x\r\n\r\n", .malformedFieldName),
        Refusal("GET / HTTP/1.1\r\nHost\t: x\r\n\r\n", .malformedFieldName),
        Refusal("GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n", .malformedFieldName),
        Refusal("GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", .malformedFieldName),
        Refusal("GET / HTTP/1.1\r\nHost: x\r\nnocolon\r\n\r\n", .malformedFieldName),
        Refusal("GET / HTTP/1.1\r\nHost: x\r\nA(b): y\r\n\r\n", .malformedFieldName),
        Refusal("GET / HTTP/1.1\r\nHost: x\r\nA\u{E9}: y\r\n\r\n", .malformedFieldName),
        Refusal("GET / HTTP/1.1\r\nHost: x\r\n\"a\": y\r\n\r\n", .malformedFieldName),
    ]

    // MARK: RFC 9112 §6, framing: request smuggling

    static let badFraming = [
        Refusal(post("Content-Length: 5\r\nTransfer-Encoding: chunked"), .conflictingFraming),
        Refusal(post("Transfer-Encoding: chunked\r\nContent-Length: 0"), .conflictingFraming),
        Refusal(post("Content-Length: 5\r\nContent-Length: 6"), .repeatedContentLength),
        Refusal(post("Content-Length: 5\r\ncontent-length: 5"), .repeatedContentLength),
        Refusal(post("Content-Length: 5, 5"), .malformedContentLength),
        Refusal(post("Content-Length: 5,"), .malformedContentLength),
        Refusal(post("Content-Length:"), .malformedContentLength),
        Refusal(post("Content-Length: +5"), .malformedContentLength),
        Refusal(post("Content-Length: -5"), .malformedContentLength),
        Refusal(post("Content-Length: 0x5"), .malformedContentLength),
        Refusal(post("Content-Length: 5 5"), .malformedContentLength),
        Refusal(post("Content-Length: 5.0"), .malformedContentLength),
        Refusal(post("Content-Length: 18446744073709551616"), .malformedContentLength),
        Refusal(post("Content-Length: 99999999999999999999999"), .malformedContentLength),
        Refusal(post("Transfer-Encoding: chunked, chunked"), .malformedTransferEncoding),
        Refusal(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), .malformedTransferEncoding),
        Refusal(post("Transfer-Encoding: chunked, gzip"), .malformedTransferEncoding),
        Refusal(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"), .malformedTransferEncoding),
        Refusal(post("Transfer-Encoding: chunked,"), .malformedTransferEncoding),
        Refusal(post("Transfer-Encoding: ,chunked"), .malformedTransferEncoding),
        Refusal(post("Transfer-Encoding:"), .malformedTransferEncoding),
        Refusal(post("Transfer-Encoding: \"chunked\""), .malformedTransferEncoding),
        Refusal(post("Transfer-Encoding: chunked;a=b"), .malformedTransferEncoding),
        Refusal(post("Transfer-Encoding: chunked chunked"), .malformedTransferEncoding),
        Refusal(post("Transfer-Encoding: gzip, chunked"), .unknownTransferCoding),
        Refusal(post("Transfer-Encoding: gzip"), .unknownTransferCoding),
        Refusal(post("Transfer-Encoding: identity"), .unknownTransferCoding),
        Refusal(post("Transfer-Encoding: xchunked"), .unknownTransferCoding),
        Refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .unexpectedTransferEncoding),
        Refusal(post("Expect: 200-ok"), .unknownExpectation),
        Refusal(post("Expect: 100-continue, x"), .unknownExpectation),
    ]

    @Test(arguments: [badLines, badRequestLines, badHosts, badFields, badFraming].flatMap(\.self))
    func aWrongMessageIsRefusedHoweverItIsCut(_ refusal: Refusal) {
        #expect(parse(refusal.text) == .refused(refusal.error))
        #expect(cutsThatDiffer(refusal.text) == [])
    }

    @Test func everyControlByteIsRefusedEverywhere() {
        let text = "GET /abc HTTP/1.1\r\nHost: x\r\nName: value\r\n\r\n".latin1
        for byte in UInt8.min...UInt8.max where byte.isControlByte && byte != 13 && byte != 10 {
            for index in text.indices {
                var changed = text
                changed[index] = byte
                let outcome = parse(changed, cuts: [])
                guard case .refused = outcome else {
                    Issue.record("byte \(byte) at \(index): \(outcome)")
                    continue
                }
            }
        }
    }

    @Test func textBeyondASCIIMayStandInValues() {
        for byte in 0x80...0xFF {
            let character = String(Unicode.Scalar(UInt8(byte)))
            let text = "GET / HTTP/1.1\r\nHost: x\r\nA: b" + character + "\tc\r\n\r\n"
            #expect(parsedFacts(text)?.fields == ["Host=x", "A=b" + character + "\tc"])
        }
    }

    // MARK: RFC 9112 §3.2, target forms

    static let targets: [(line: String, path: String, query: String?, authority: String?)] = [
        ("GET /", "/", nil, "x"),
        ("GET /?", "/", "", "x"),
        ("GET /a?b?c", "/a", "b?c", "x"),
        ("GET //a/../b", "//a/../b", nil, "x"),
        ("GET /%00%zz\"<>\\^`{|}", "/%00%zz\"<>\\^`{|}", nil, "x"),
        ("GET http://h", "/", nil, "h"),
        ("GET HTTP://h?q", "/", "q", "h"),
        ("GET https://h:8443/p/?q=/", "/p/", "q=/", "h:8443"),
        ("GET http://[::1]:80/", "/", nil, "[::1]:80"),
        ("OPTIONS *", "*", nil, "x"),
        ("OPTIONS /a", "/a", nil, "x"),
        ("CONNECT h:443", "", nil, "h:443"),
        ("CONNECT [::1]:443", "", nil, "[::1]:443"),
    ]

    @Test(arguments: targets.indices)
    func aTargetIsTakenApart(_ index: Int) throws {
        let target = Self.targets[index]
        let facts = try #require(parsedFacts(target.line + " HTTP/1.1\r\nHost: x\r\n\r\n"))
        #expect(facts.path == target.path)
        #expect(facts.query == target.query)
        #expect(facts.authority == target.authority)
        #expect(target.line.hasSuffix(" " + facts.target))
    }

    @Test(arguments: ["a", "", "a:", "a:80", "1.2.3.4:5", "a-b_c.d~!$&'()*+;=", "a%2Fb", "[::1]", "[v1.a:b]:1"])
    func aValidHostIsAccepted(_ host: String) {
        #expect(parsedFacts("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")?.authority == host)
    }

    @Test func hostMayBeMissingInOldRequests() {
        #expect(parsedFacts("GET / HTTP/1.0\r\n\r\n")?.authority == nil)
    }

    // MARK: RFC 9110 §9, methods

    @Test(arguments: ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"])
    func aMethodIsKnown(_ name: String) {
        let target = name == "CONNECT" ? "h:1" : "/"
        let facts = parsedFacts("\(name) \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(facts?.method.name.description == name)
        #expect(facts?.methodName == name)
    }

    @Test(arguments: ["get", "GETS", "PURGE", "M-SEARCH", "!#$%&'*+-.^_`|~09", "X"])
    func aTokenThatIsNoKnownMethodIsAccepted(_ name: String) {
        let facts = parsedFacts("\(name) / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(facts?.method == .other)
        #expect(facts?.methodName == name)
    }

    // MARK: RFC 9110 §2.5, versions

    @Test func laterMinorVersionsCountAsTheOneThatWeSpeak() {
        #expect(parsedFacts("GET / HTTP/1.0\r\nHost: x\r\n\r\n")?.version == .http10)
        for minor in 1...9 {
            #expect(parsedFacts("GET / HTTP/1.\(minor)\r\nHost: x\r\n\r\n")?.version == .http11)
        }
    }

    // MARK: RFC 9112 §9.3, persistence

    static let persistence: [(version: String, connection: String, keepsAlive: Bool)] = [
        ("1.1", "", true),
        ("1.1", "Connection: close\r\n", false),
        ("1.1", "Connection: Keep-Alive\r\n", true),
        ("1.1", "connection: foo ,\tCLOSE , bar\r\n", false),
        ("1.1", "Connection: foo\r\nConnection: close\r\n", false),
        ("1.1", "Connection: keep-alive, close\r\n", false),
        ("1.1", "Connection: closed\r\n", true),
        ("1.1", "Connection: , ,\r\n", true),
        ("1.0", "", false),
        ("1.0", "Connection: keep-alive\r\n", true),
        ("1.0", "Connection: close, keep-alive\r\n", false),
    ]

    @Test(arguments: persistence.indices)
    func aConnectionIsKeptOrClosed(_ index: Int) {
        let row = Self.persistence[index]
        let facts = parsedFacts("GET / HTTP/\(row.version)\r\nHost: x\r\n\(row.connection)\r\n")
        #expect(facts?.keepsAlive == row.keepsAlive)
    }

    // MARK: RFC 9110 §7.8, upgrades

    static let upgrades: [(version: String, fields: String, wants: Bool)] = [
        ("1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\n", true),
        ("1.1", "Connection: keep-alive, upgrade\r\nUpgrade: h2c, WebSocket\r\n", true),
        ("1.1", "Upgrade: h2c\r\nUpgrade: websocket\r\nConnection: x\r\nConnection: upgrade\r\n", true),
        ("1.1", "Upgrade: websocket\r\n", false),
        ("1.1", "Connection: upgrade\r\n", false),
        ("1.1", "Connection: upgrade\r\nUpgrade: websockets\r\n", false),
        ("1.0", "Connection: upgrade\r\nUpgrade: websocket\r\n", false),
    ]

    @Test(arguments: upgrades.indices)
    func anUpgradeIsWantedOrNot(_ index: Int) {
        let row = Self.upgrades[index]
        let facts = parsedFacts("GET / HTTP/\(row.version)\r\nHost: x\r\n\(row.fields)\r\n")
        #expect(facts?.wantsWebSocket == row.wants)
    }

    // MARK: RFC 9112 §6.3 and RFC 9110 §10.1.1, framing and expectations

    static let framings: [(text: String, framing: BodyFraming, expects: Bool)] = [
        (post("A: b"), .none, false),
        (post("Content-Length: 0"), .none, false),
        (post("Content-Length: 007"), .sized(7), false),
        (post("Content-Length: \t 5\t "), .sized(5), false),
        (post("Content-Length: 18446744073709551615"), .sized(.max), false),
        (post("Transfer-Encoding: Chunked"), .chunked, false),
        (post("Expect: 100-Continue\r\nContent-Length: 1"), .sized(1), true),
        (post("Expect: 100-continue\r\nTransfer-Encoding: chunked"), .chunked, true),
        (post("Expect: 100-continue"), .none, false),
        ("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", .sized(1), false),
        ("POST / HTTP/1.0\r\nExpect: x\r\nContent-Length: 1\r\n\r\n", .sized(1), false),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n", .sized(3), false),
    ]

    @Test(arguments: framings.indices)
    func aBodyIsFramed(_ index: Int) {
        let row = Self.framings[index]
        let facts = parsedFacts(row.text)
        #expect(facts?.framing == row.framing)
        #expect(facts?.expectsContinue == row.expects)
    }

    // MARK: Pipelining

    @Test func requestsThatComeTogetherAreParsedOneAfterTheOther() throws {
        let requests = Self.accepted.compactMap { text in
            parsedFacts(text).map { Array(text.latin1.prefix($0.length)) }
        }
        #expect(requests.count == Self.accepted.count)
        var rest = Array(requests.joined())
        for request in requests {
            let parsed = try #require(parsedFacts(rest))
            #expect(parsed == parsedFacts(request))
            rest.removeFirst(parsed.length)
        }
        #expect(rest.isEmpty)
    }

    private static func post(_ fields: String) -> String {
        "POST / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n\r\n"
    }
}

extension UInt8 {
    var isControlByte: Bool { self < 0x20 && self != 9 || self == 0x7F }
}

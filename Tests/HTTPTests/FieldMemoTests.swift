// Tests/HTTPTests/FieldMemoTests.swift — what is remembered of field sections, and that it changes nothing.

import Bytes
import TestSupport
import Testing

@testable import HTTP

@Suite struct FieldMemoTests {
    /// Request lines of all forms and lengths, with and without empty lines before them.
    static let lines = [
        "GET / HTTP/1.1", "GET /a/longer/path?and=a&query HTTP/1.1", "HEAD /x HTTP/1.1", "\r\n\r\nPOST /p HTTP/1.1",
        "GET / HTTP/1.0", "POST /old HTTP/1.0", "GET / HTTP/1.7", "GET http://h:1/p?q HTTP/1.1",
        "GET http://h HTTP/1.0", "CONNECT a.b:443 HTTP/1.1", "OPTIONS * HTTP/1.1", "PURGE / HTTP/1.1",
        "GET /\(String(repeating: "long/", count: 60)) HTTP/1.1",
    ]

    /// Field sections, each with the empty line that ends it: good ones, and wrong ones.
    static let sections = [
        "", "Host: x\r\n", "A: b\r\n", "Host: x\r\nConnection: close\r\n", "Connection: keep-alive\r\nHost: y\r\n",
        "Host: x\r\nContent-Length: 5\r\n", "Host: x\r\nTransfer-Encoding: chunked\r\n",
        "Host: x\r\nExpect: 100-continue\r\n", "Expect: 100-continue\r\nContent-Length: 7\r\nHost: x\r\n",
        "Host: x\r\nExpect: 100-continue\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n",
        "Host: x\r\nExpect: else\r\n", "Host: x\r\nHost: x\r\n", "Host: x\r\nhost: y\r\n",
        "Content-Length: 5\r\nHost: x\r\nContent-Length: 5\r\n",
        "Host: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\nHost: x\r\nTransfer-Encoding: chunked\r\n",
        "Host: x\r\nConnection: Upgrade\r\nConnection: close\r\nUpgrade: websocket\r\n",
        "Host: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\nOrigin: o\r\n"
            + "Sec-WebSocket-Extensions: permessage-deflate\r\n",
        "Host: x\r\nAccept-Encoding: br\r\nAccept-Encoding: x, gzip;q=0.5\r\n", "Host: x\r\nAccept-Encoding: *;q=0\r\n",
        "Host: x\r\nAccept-Encoding: gzip\r\nIf-None-Match: \"a\"\r\nCookie: a=b\r\nCookie: c=d\r\n",
    ].map { $0 + "\r\n" }

    private func expectTheSame(
        _ veteran: inout Veteran, _ text: String, _ limits: RequestLimits = RequestLimits(), _ comment: Comment? = nil
    ) {
        let bytes = text.latin1
        var (scanned, plainScanned) = (0, 0)
        let outcome = veteran.parse(bytes, scanned: &scanned, limits: limits)
        #expect(outcome == parseWithoutMemo(bytes, scanned: &plainScanned, limits: limits), comment)
        #expect(scanned == plainScanned, comment)
    }

    // MARK: What comes of it

    @Test(arguments: sections.indices)
    func theSameFieldsBehindAnyTwoRequestLines(_ index: Int) {
        for first in Self.lines {
            for second in Self.lines {
                var veteran = Veteran()
                expectTheSame(&veteran, first + "\r\n" + Self.sections[index])
                expectTheSame(&veteran, second + "\r\n" + Self.sections[index])
                // Something behind it: the section is looked for in another place.
                expectTheSame(&veteran, first + "\r\n" + Self.sections[index] + "hello")
            }
        }
    }

    @Test func moreSectionsThanAreRememberedInAnyOrder() {
        var chance = Chance(1024)
        var veteran = Veteran()
        for _ in 0..<2000 {
            let line = Self.lines.randomElement(using: &chance) ?? ""
            let section = Self.sections.randomElement(using: &chance) ?? ""
            let rest = chance.isOnce(in: 3) ? String(repeating: "b", count: Int.random(in: 1...9, using: &chance)) : ""
            expectTheSame(&veteran, line + "\r\n" + section + rest)
        }
    }

    @Test func limitsThatChangeBetweenTwoRequests() throws {
        let section = "Host: x\r\nA: b\r\nC: d\r\nAccept-Encoding: gzip\r\nE: f\r\n\r\n"
        let text = "\r\nGET /path HTTP/1.1\r\n" + section
        let count = text.utf8.count
        let others =
            (count - 30...count + 3).map { RequestLimits(head: $0) } + (0...8).map { RequestLimits(fields: $0) }
            + (0...8).map { RequestLimits(target: $0) }
        for limits in others {
            var veteran = Veteran()
            for each in [RequestLimits(), limits, RequestLimits(), limits] {
                expectTheSame(&veteran, text, each, "\(limits)")
            }
            // What was refused with the narrow limits is not remembered as good.
            var second = Veteran()
            for each in [limits, RequestLimits(), limits] { expectTheSame(&second, text, each, "\(limits)") }
        }
        // The same fields reach farther behind a longer request line.
        var veteran = Veteran()
        for length in 1...20 {
            let longer = "GET /\(String(repeating: "a", count: length)) HTTP/1.1\r\n" + section
            expectTheSame(&veteran, longer, RequestLimits(head: count), "a target of \(length) bytes")
        }
    }

    @Test(arguments: [60, 1000, 1024])
    func aSectionThatDiffersInOneByteIsAnother(_ size: Int) {
        let line = "GET / HTTP/1.1\r\n"
        let section = Self.section(of: size)
        let changes: [UInt8] = size == 60 ? [1, 0x20, 0x80] : [1]
        for place in 0..<size {
            for change in changes {
                var veteran = Veteran()
                _ = veteran.parse(line + section)
                var bytes = (line + section).latin1
                bytes[line.utf8.count + place] ^= change
                expectTheSame(&veteran, String(bytes.span), RequestLimits(), "byte \(place) ^ \(change)")
            }
        }
    }

    @Test func aPipelineOfSixteenIsReadAsOneByOne() throws {
        var chance = Chance(16)
        for _ in 0..<50 {
            var veteran = Veteran()
            let section = Self.sections[[1, 3, 4, 7, 18, 19].randomElement(using: &chance) ?? 1]
            let requests = (0..<16).map { _ in
                ((Self.lines.randomElement(using: &chance) ?? "") + "\r\n" + section).latin1
            }
            var rest = Array(requests.joined())
            for request in requests {
                var scanned = 0
                let outcome = veteran.parse(rest, scanned: &scanned)
                #expect(outcome == parse(rest))
                guard case .head(let facts) = outcome else {
                    Issue.record("no head: \(rest)")
                    return
                }
                #expect(facts.length == request.count)
                rest.removeFirst(facts.length)
            }
        }
    }

    @Test(arguments: sections.indices)
    func aKnownSectionThatComesInPiecesIsKnownWhenItIsComplete(_ index: Int) {
        for line in ["GET / HTTP/1.1", "POST /longer HTTP/1.1", "GET / HTTP/1.0"] {
            let bytes = (line + "\r\n" + Self.sections[index]).latin1
            var veteran = Veteran()
            var scanned = 0
            let whole = veteran.parse(bytes, scanned: &scanned)
            for cut in 0..<bytes.count {
                scanned = 0
                var outcome = veteran.parse(Array(bytes[..<cut]), scanned: &scanned)
                if outcome == .incomplete { outcome = veteran.parse(bytes, scanned: &scanned) }
                #expect(outcome == whole, "cut at \(cut)")
            }
        }
    }

    // MARK: What is remembered

    /// A valid section of `size` bytes.
    private static func section(of size: Int) -> String {
        let start = "Host: x\r\nAccept-Encoding: gzip\r\nA: "
        return start + String(repeating: "b", count: size - start.utf8.count - 4) + "\r\n\r\n"
    }

    /// Whether `memo` knows the section of this request.
    private func knows(
        _ memo: inout FieldMemo, _ line: String, _ section: String, _ limits: RequestLimits = RequestLimits()
    ) -> Bool {
        var head = RequestHead()
        if line.hasSuffix("1.0\r\n") { head.version = .http10 }
        return memo.recall((line + section).latin1.span, from: line.utf8.count, limits, into: &head) != nil
    }

    private func learn(_ memo: inout FieldMemo, _ text: String) throws {
        var head = RequestHead()
        var scanned = 0
        let isComplete = try RequestParser.parse(text.latin1.span, scanned: &scanned, memo: &memo, into: &head)
        #expect(isComplete)
    }

    @Test func aSectionIsKnownBehindAnotherRequestLineAndBeforeABody() throws {
        var memo = FieldMemo()
        let section = Self.section(of: 100)
        #expect(!knows(&memo, "GET / HTTP/1.1\r\n", section))
        try learn(&memo, "GET / HTTP/1.1\r\n" + section)
        #expect(knows(&memo, "GET / HTTP/1.1\r\n", section))
        #expect(knows(&memo, "POST /another HTTP/1.1\r\n", section + "body"))
        #expect(!knows(&memo, "GET / HTTP/1.0\r\n", section))
        #expect(!knows(&memo, "GET / HTTP/1.1\r\n", String(section.dropLast())))
        #expect(!knows(&memo, "GET / HTTP/1.1\r\n", section, RequestLimits(fields: 2)))
        #expect(knows(&memo, "GET / HTTP/1.1\r\n", section, RequestLimits(head: 116, fields: 3)))
        #expect(!knows(&memo, "GET / HTTP/1.1\r\n", section, RequestLimits(head: 115)))
    }

    @Test func onlySectionsUpToTheLimitAreRemembered() throws {
        for size in Config.maxRememberedFields - 4...Config.maxRememberedFields + 4 {
            var memo = FieldMemo()
            let section = Self.section(of: size)
            for _ in 0..<2 { try learn(&memo, "GET / HTTP/1.1\r\n" + section) }
            #expect(knows(&memo, "GET / HTTP/1.1\r\n", section) == (size <= Config.maxRememberedFields), "\(size)")
            // The shorter ones in front of them are not those.
            #expect(!knows(&memo, "GET / HTTP/1.1\r\n", Self.section(of: size - 1)))
        }
    }

    @Test func oldRequestsAreNotRemembered() throws {
        var memo = FieldMemo()
        let section = Self.section(of: 100)
        try learn(&memo, "GET / HTTP/1.0\r\n" + section)
        #expect(!knows(&memo, "GET / HTTP/1.1\r\n", section))
    }

    @Test func fourClientsTakingTurnsAreAllKnown() throws {
        var memo = FieldMemo()
        let sections = (100..<104).map(Self.section)
        for section in sections { try learn(&memo, "GET / HTTP/1.1\r\n" + section) }
        for section in sections + sections { #expect(knows(&memo, "GET /else HTTP/1.1\r\n", section)) }
    }
}

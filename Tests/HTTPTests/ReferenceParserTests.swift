// Tests/HTTPTests/ReferenceParserTests.swift — random mutations, judged by the slow and plain parsers too.

import HTTP
import TestSupport
import Testing

@Suite struct ReferenceParserTests {
    /// Pieces that mean something to a parser.
    private static let pieces = [
        "\r\n", "\r", "\n", " ", "\t", ":", ",", ";", "/", "?", "#", "*", "%", "\0", "\u{7F}", "\u{80}", "[", "]", "@",
        "0", "9", "chunked", "Host: y\r\n", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "HTTP/1.1",
        "http://", "GET", "a", "Expect: 100-continue\r\n", "close", "\r\n\r\n",
    ]

    @Test func mutatedRequestsAreReadAsByThePlainParser() {
        var chance = Chance(20_260_101)
        let seeds = RequestParserTests.accepted + RequestParserTests.badFraming.map(\.text)
        var memo = FieldMemo()
        var valid = 0
        for round in 0..<4000 {
            var bytes = seeds.randomElement(using: &chance)?.latin1 ?? []
            for _ in 0..<Int.random(in: 1...2, using: &chance) {
                mutate(&bytes, &chance)
            }
            let plain = Transcript(plain: bytes)
            if !plain.messages.isEmpty { valid += 1 }
            expectToBeReadAsBy(plain, bytes, round, &memo, &chance)
        }
        // Else the test would not test much.
        #expect(valid > 500)
    }

    @Test func mutatedBodiesAreReadAsByThePlainParser() {
        var chance = Chance(20_260_102)
        let head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".latin1
        let seeds = BodyDecoderTests.complete.map(\.text) + BodyDecoderTests.refused.map(\.text)
        var memo = FieldMemo()
        var valid = 0
        for round in 0..<4000 {
            var bytes = seeds.randomElement(using: &chance)?.latin1 ?? []
            for _ in 0..<Int.random(in: 0...2, using: &chance) {
                mutate(&bytes, &chance)
            }
            bytes = head + bytes
            let plain = Transcript(plain: bytes)
            if plain.end == .inHead { valid += 1 }
            expectToBeReadAsBy(plain, bytes, round, &memo, &chance)
        }
        #expect(valid > 300)
    }

    private func expectToBeReadAsBy(
        _ plain: Transcript, _ bytes: [UInt8], _ round: Int, _ memo: inout FieldMemo, _ chance: inout Chance
    ) {
        let whole = Transcript(real: bytes, memo: &memo)
        #expect(whole.withoutReason == plain, "round \(round): \(String(bytes.span).debugDescription)")
        let cut = Int.random(in: 0...bytes.count, using: &chance)
        let inPieces = Transcript(real: bytes, cuts: [cut], memo: &memo)
        #expect(inPieces == whole, "round \(round), cut \(cut)")
    }

    private func mutate(_ bytes: inout [UInt8], _ chance: inout Chance) {
        let index = Int.random(in: 0...bytes.count, using: &chance)
        let piece = Self.pieces.randomElement(using: &chance)?.latin1 ?? []
        switch Int.random(in: 0..<4, using: &chance) {
        case 0: bytes.insert(contentsOf: piece, at: index)
        case 1: bytes.replaceSubrange(index..<min(index + piece.count, bytes.count), with: piece)
        case 2: bytes.removeSubrange(index..<min(index + Int.random(in: 1...3, using: &chance), bytes.count))
        default: if index < bytes.count { bytes[index] = UInt8.random(in: 0...255, using: &chance) }
        }
    }
}

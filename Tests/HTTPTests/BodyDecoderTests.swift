// Tests/HTTPTests/BodyDecoderTests.swift — bodies, whole and cut everywhere.

import HTTP
import Testing

@Suite struct BodyDecoderTests {
    /// What decoding gave.
    enum Result: Equatable {
        /// The data, and what followed the body.
        case complete(String, rest: String)
        /// The data so far.
        case incomplete(String)
        case refused(RequestError)
    }

    /// Decodes a body that comes in pieces that end at `cuts`.
    private func decode(_ text: String, _ framing: BodyFraming, cuts: [Int] = [], limit: UInt64 = 1000) -> Result {
        let bytes = text.latin1
        var data = ""
        do throws(RequestError) {
            var decoder = try BodyDecoder(framing, limit: limit)
            var start = 0
            for end in cuts + [bytes.count] {
                while start < end, !decoder.isEnd {
                    let piece = Array(bytes[start..<end])
                    let step = try decoder.next(piece.span)
                    data += String(piece.span.extracting(step.data))
                    #expect(step.consumed > 0 && step.isEnd == decoder.isEnd)
                    start += step.consumed
                }
            }
            guard decoder.isEnd else { return .incomplete(data) }
            return .complete(data, rest: String(Array(bytes[start...]).span))
        } catch {
            return .refused(error)
        }
    }

    private func expectSameHoweverCut(_ text: String, _ framing: BodyFraming, limit: UInt64 = 1000) {
        let whole = decode(text, framing, limit: limit)
        let count = text.latin1.count
        for cut in 0...count {
            #expect(decode(text, framing, cuts: [cut], limit: limit) == whole, "cut \(cut) of \(text.debugDescription)")
        }
        #expect(decode(text, framing, cuts: Array(0...count), limit: limit) == whole)
    }

    static let complete: [(text: String, framing: BodyFraming, data: String, rest: String)] = [
        ("next", .none, "", "next"),
        ("hellonext", .sized(5), "hello", "next"),
        ("0\r\n\r\nnext", .chunked, "", "next"),
        ("5\r\nhello\r\n0\r\n\r\nnext", .chunked, "hello", "next"),
        ("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", .chunked, "hello world", ""),
        ("00a\r\n0123456789\r\n000\r\n\r\n", .chunked, "0123456789", ""),
        ("A;a=b\r\n0123456789\r\n0;x\r\n\r\n", .chunked, "0123456789", ""),
        ("1 \t; a=\"\u{E9};\"\r\n\r\r\n0\r\n\r\n", .chunked, "\r", ""),
        ("2\r\n\r\n\r\n0\r\n\r\n", .chunked, "\r\n", ""),
        ("0\r\nTrailer: x\r\nOther:\r\n\r\nnext", .chunked, "", "next"),
        ("0000000000000000000001\r\na\r\n0\r\n\r\n", .chunked, "a", ""),
    ]

    @Test(arguments: complete.indices)
    func aBodyIsDecodedHoweverItIsCut(_ index: Int) {
        let row = Self.complete[index]
        #expect(decode(row.text, row.framing) == .complete(row.data, rest: row.rest))
        expectSameHoweverCut(row.text, row.framing)
    }

    static let refused: [(text: String, error: RequestError)] = [
        ("\r\n", .malformedChunkSize),
        ("g\r\n", .malformedChunkSize),
        ("-1\r\n", .malformedChunkSize),
        ("+1\r\n", .malformedChunkSize),
        ("0x1\r\n", .malformedChunkSize),
        (" 1\r\n", .malformedChunkSize),
        ("1 \r\n", .malformedChunkSize),
        ("1 1\r\n", .malformedChunkSize),
        ("1\n", .malformedChunkSize),
        ("1\r\r", .malformedChunkSize),
        ("1\r1", .malformedChunkSize),
        (";a\r\n", .malformedChunkSize),
        ("1;a\n", .malformedChunkSize),
        ("1;\0\r\n", .malformedChunkSize),
        ("10000000000000000\r\n", .malformedChunkSize),
        ("1\r\nab\r\n", .malformedChunkEnd),
        ("1\r\na\n", .malformedChunkEnd),
        ("1\r\na\r\r", .malformedChunkEnd),
        ("0\r\n\n", .malformedTrailer),
        ("0\r\n\r\r", .malformedTrailer),
        ("0\r\nno colon\r\n", .malformedTrailer),
        ("0\r\n: x\r\n", .malformedTrailer),
        ("0\r\nA : x\r\n", .malformedTrailer),
        ("0\r\nA: \0\r\n", .malformedTrailer),
        ("0\r\nA: x\n", .malformedTrailer),
        ("0\r\nA: x\rb", .malformedTrailer),
        ("0\r\nA: x\r\n folded\r\n", .malformedTrailer),
        ("1;" + String(repeating: "a", count: 253) + "\r\n", .chunkLineTooLong),
        ("0\r\nA:" + String(repeating: "a", count: 4095) + "\r\n", .trailersTooLarge),
        ("3e8\r\n" + String(repeating: "a", count: 1000) + "\r\n1\r\n", .bodyTooLarge),
        ("3e9\r\n", .bodyTooLarge),
        ("ffffffffffffffff\r\n", .bodyTooLarge),
    ]

    @Test(arguments: refused.indices)
    func aWrongChunkIsRefusedHoweverItIsCut(_ index: Int) {
        let row = Self.refused[index]
        #expect(decode(row.text, .chunked) == .refused(row.error))
        expectSameHoweverCut(row.text, .chunked)
    }

    @Test func aBodyOfNoBytesHasEndedBeforeAnyCame() throws {
        #expect(try BodyDecoder(.none).isEnd)
        #expect(try BodyDecoder(.sized(0)).isEnd)
        #expect(try !BodyDecoder(.sized(1)).isEnd)
        #expect(try !BodyDecoder(.chunked).isEnd)
    }

    @Test func aSizeBeyondTheLimitIsRefusedAtOnce() {
        #expect(decode("", .sized(1001)) == .refused(.bodyTooLarge))
        #expect(decode(String(repeating: "a", count: 1000), .sized(1000)).isComplete)
    }

    @Test func aChunkLineOfExactlyTheLimitIsAccepted() {
        let line = "1;" + String(repeating: "a", count: 252) + "\r\n"
        #expect(line.utf8.count == 256)
        #expect(decode(line + "a\r\n" + line + "b\r\n0\r\n\r\n", .chunked) == .complete("ab", rest: ""))
    }

    @Test func aPrefixOfABodyIsIncomplete() {
        let text = "5\r\nhello\r\n0\r\nA: b\r\n\r\n".latin1
        for count in 0..<text.count {
            #expect(!decode(String(Array(text.prefix(count)).span), .chunked).isComplete)
        }
    }

    @Test func theStateIsSmall() {
        #expect(MemoryLayout<BodyDecoder>.size <= 32)
    }
}

extension BodyDecoderTests.Result {
    var isComplete: Bool {
        if case .complete = self { true } else { false }
    }
}

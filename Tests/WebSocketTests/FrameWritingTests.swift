// Tests/WebSocketTests/FrameWritingTests.swift — the frames that the server sends: RFC 6455 §5.1, §5.2, §5.5, §5.7.

import Bytes
import Testing
import WebSocket

@Suite struct FrameWritingTests {
    private func head(_ opcode: Opcode, _ count: Int, isFinal: Bool = true) -> [UInt8]? {
        written { $0.append(frameHead: opcode, payloadCount: count, isFinal: isFinal) }
    }

    @Test func theUnmaskedFramesOf_5_7() {
        let hello = written { writer in
            writer.append(frameHead: .text, payloadCount: 5)
            writer.append("Hello")
        }
        #expect(hello == bytes("81 05 48 65 6C 6C 6F"))
        #expect(head(.text, 3, isFinal: false) == bytes("01 03"))
        #expect(head(.continuation, 2) == bytes("80 02"))
        #expect(head(.pong, 5) == bytes("8A 05"))
        #expect(head(.binary, 256) == bytes("82 7E 01 00"))
        #expect(head(.binary, 65536) == bytes("82 7F 00 00 00 00 00 01 00 00"))
    }

    @Test func lengthsAreInTheirShortestForm_5_2() {
        #expect(head(.binary, 0) == bytes("82 00"))
        #expect(head(.binary, 125) == bytes("82 7D"))
        #expect(head(.binary, 126) == bytes("82 7E 00 7E"))
        #expect(head(.binary, 127) == bytes("82 7E 00 7F"))
        #expect(head(.text, 65535, isFinal: false) == bytes("01 7E FF FF"))
        #expect(head(.text, .max) == bytes("81 7F 7F FF FF FF FF FF FF FF"))
        #expect(FrameHeader.maxSentCount == 10)
    }

    @Test func aHeadThatDoesNotFitIsNotWritten() {
        for (count, size) in [(5, 2), (126, 4), (65536, 10)] {
            for room in 0...10 {
                let result = written(room) { $0.append(frameHead: .text, payloadCount: count) }
                #expect((result == nil) == (room < size))
                let rest = written(room + 1) { writer in
                    writer.append(frameHead: .text, payloadCount: count)
                    let isWhole = writer.count == size
                    writer.removeAll()
                    writer.append(isWhole ? "y" : "n")
                }
                #expect(rest == Array((room + 1 < size ? "n" : "y").utf8))
            }
        }
    }

    // MARK: Close

    private func close(_ code: CloseCode?, _ reason: String) -> [UInt8]? {
        let reason = Array(reason.utf8)
        return written { $0.append(close: code, reason: reason.span) }
    }

    @Test func aCloseFrameHasACodeAndAReasonOrNothing_5_5_1() {
        #expect(close(nil, "") == bytes("88 00"))
        #expect(close(nil, "without a code there is no reason") == bytes("88 00"))
        #expect(close(.normal, "") == bytes("88 02 03 E8"))
        #expect(close(CloseCode(rawValue: 4999), "bye") == bytes("88 05 13 87 62 79 65"))
        let literal = written { $0.append(close: .goingAway, reason: "bye") }
        #expect(literal == bytes("88 05 03 E9 62 79 65"))
    }

    @Test func aReasonIsCutBetweenCharactersAt123Bytes_5_5() {
        for (character, width) in [("a", 1), ("\u{E9}", 2), ("\u{65E5}", 3), ("\u{1F600}", 4)] {
            for before in 0...4 {
                for times in 20...130 {
                    let reason = String(repeating: "x", count: before) + String(repeating: character, count: times)
                    let room = 123 - before
                    let kept = before + min(times, room / width) * width
                    let expected = [0x88, UInt8(2 + kept), 0x03, 0xE8] + Array(reason.utf8.prefix(kept))
                    #expect(close(.normal, reason) == expected)
                }
            }
        }
    }

    @Test func everyFailureIsSaidInACloseFrame_7_1_7() {
        let codes: [WebSocketFailure: UInt16] = [
            .reservedBits: 1002, .reservedOpcode: 1002, .unmasked: 1002, .longFormLength: 1002, .lengthOverflow: 1002,
            .fragmentedControl: 1002, .longControl: 1002, .unexpectedContinuation: 1002, .expectedContinuation: 1002,
            .invalidUTF8: 1007, .frameTooBig: 1009, .messageTooBig: 1009, .shortClosePayload: 1002, .badCloseCode: 1002,
            .outOfMemory: 1011, .handlerFailed: 1011, .pingTimeout: 1011,
        ]
        var reasons: Set<String> = []
        for number in UInt8.min...UInt8.max {
            guard let failure = WebSocketFailure(rawValue: number) else { continue }
            #expect(failure.code.rawValue == codes[failure])
            #expect(failure.code.mayBeSent)
            let reason = String(describing: failure.reason)
            #expect((1...40).contains(reason.utf8.count))
            reasons.insert(reason)
        }
        #expect(reasons.count == codes.count)
        #expect(String(describing: WebSocketFailure.unmasked.reason) == "unmasked frame")
        #expect(String(describing: WebSocketFailure.pingTimeout.reason) == "keepalive ping timeout")
    }
}

// Tests/WebSocketTests/CommonHeaderTests.swift — the short way through headers: what it takes.

import Testing
import WebSocket

@Suite struct CommonHeaderTests {
    /// A header that may be taken the short way, by the words of ``FrameDecoder/commonHeader(of:at:_:)``.
    private func expected(_ input: [UInt8], _ limits: FrameLimits) -> (count: Int, payloadCount: Int, isText: Bool)? {
        guard input.count >= 8, input[0] == 0x81 || input[0] == 0x82 else { return nil }
        let isLong = input[1] == 0xFE
        guard isLong || (0x80...0xFD).contains(input[1]) else { return nil }
        let length = isLong ? Int(input[2]) << 8 | Int(input[3]) : Int(input[1] & 0x7F)
        guard length <= limits.maxFrame, length <= limits.maxMessage, !isLong || length > 125 else { return nil }
        return (isLong ? 8 : 6, length, input[0] == 0x81)
    }

    /// Whether the decoder takes just those headers, and the same as are taken the long way.
    private func isRight(_ decoder: FrameDecoder, _ input: [UInt8], _ limits: FrameLimits) -> Bool {
        let header = decoder.commonHeader(of: input.span, at: 0, limits)
        guard decoder.message == nil, let expected = expected(input, limits) else { return header == nil }
        guard let header else { return false }
        let key = input[(expected.count - 4)..<expected.count].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        return header.opcode == (expected.isText ? .text : .binary) && header.isFinal && header.key == key
            && header.count == expected.count && header.payloadCount == expected.payloadCount
            && decoder.judge(input, limits) == .header(header)
    }

    @Test func everyPairOfFirstBytesIsTakenOrLeft_5_2() {
        let narrow = { (maxFrame: Int, maxMessage: Int) in
            var limits = FrameLimits()
            limits.maxFrame = maxFrame
            limits.maxMessage = maxMessage
            return limits
        }
        let rests: [[UInt8]] = [
            [0, 125, 3, 4, 5, 6], [0, 126, 0xFF, 0, 0x80, 1], [0xFF, 0xFF, 1, 2, 3, 4, 5, 6], [1, 0, 9, 9, 9],
        ]
        for limits in [FrameLimits(), narrow(0, 100), narrow(100, 5), narrow(126, 1 << 20), narrow(1 << 20, 65534)] {
            for first: UInt8 in [0x80, 0x81, 0x82, 0x83, 0x01, 0x02, 0x88, 0x89, 0xC1, 0x91, 0xA2, 0x7F, 0xFF] {
                for second in UInt8.min...UInt8.max {
                    for rest in rests {
                        if !isRight(FrameDecoder(), [first, second] + rest, limits) {
                            Issue.record("\(first) \(second) \(rest), \(limits)")
                        }
                    }
                }
            }
        }
    }

    @Test func everyFirstByteIsTakenOrLeftInEveryState_5_4() {
        for message in [nil, Opcode.text, .binary] {
            for first in UInt8.min...UInt8.max {
                for second: UInt8 in [0, 0x7E, 0x80, 0x81, 0xFD, 0xFE, 0xFF] {
                    let input = [first, second, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06]
                    if !isRight(FrameDecoder(within: message), input, FrameLimits()) {
                        Issue.record("\(first) \(second) within \(message.debugDescription)")
                    }
                }
            }
        }
    }

    @Test func aHeaderOfWhichLessThanEightBytesAreThereIsLeft() {
        let frame = clientFrame(1, [65, 66])
        for before in [0, 1, 7, 8, 9] {
            let input = [UInt8](repeating: 0x81, count: before) + frame
            #expect(FrameDecoder().commonHeader(of: input.span, at: before, FrameLimits())?.payloadCount == 2)
            for end in before..<input.count {
                let begun = Array(input[..<end])
                #expect(FrameDecoder().commonHeader(of: begun.span, at: before, FrameLimits()) == nil)
            }
        }
    }
}

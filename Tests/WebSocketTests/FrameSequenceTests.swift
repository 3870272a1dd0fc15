// Tests/WebSocketTests/FrameSequenceTests.swift — what may follow what: RFC 6455 §5.4.

import Testing
import WebSocket

@Suite struct FrameSequenceTests {
    /// Reads frames one after the other. Returns what the decoder says to the first one that it refuses, and the kind
    /// of the message after each.
    private func read(
        _ frames: [[UInt8]], _ limits: FrameLimits = FrameLimits()
    ) -> (messages: [Opcode?], failure: WebSocketFailure?) {
        var decoder = FrameDecoder()
        var messages: [Opcode?] = []
        for frame in frames {
            switch decoder.judge(frame, limits) {
            case .header(let header): decoder.advance(past: header)
            case .refused(let failure): return (messages, failure)
            case .incomplete: Issue.record("incomplete")
            }
            messages.append(decoder.message)
        }
        return (messages, nil)
    }

    private let text = clientFrame(1, [65])
    private let textStart = clientFrame(1, [65], isFinal: false)
    private let binaryStart = clientFrame(2, [65], isFinal: false)
    private let more = clientFrame(0, [66], isFinal: false)
    private let end = clientFrame(0, [67])
    private let ping = clientFrame(9, [68])
    private let pong = clientFrame(10, [])
    private let close = clientFrame(8, [])

    @Test func aMessageIsOneFrameOrAStartContinuationsAndAnEnd_5_4() {
        let whole = read([text, text, clientFrame(2, [])])
        #expect(whole.messages == [nil, nil, nil] && whole.failure == nil)
        let fragmented = read([textStart, more, more, end, text, binaryStart, end])
        #expect(fragmented.messages == [.text, .text, .text, nil, nil, .binary, nil] && fragmented.failure == nil)
        let empty = read([clientFrame(1, [], isFinal: false), clientFrame(0, [], isFinal: false), clientFrame(0, [])])
        #expect(empty.messages == [.text, .text, nil] && empty.failure == nil)
    }

    @Test func controlFramesMayStandBetweenFragments_5_4() {
        let result = read([ping, textStart, ping, more, pong, ping, close, end, ping])
        #expect(result.messages == [nil, .text, .text, .text, .text, .text, .text, nil, nil] && result.failure == nil)
    }

    @Test func fragmentsOfTwoMessagesAreNotInterleaved_5_4() {
        for start in [textStart, binaryStart] {
            for other in [text, textStart, binaryStart, clientFrame(2, [1])] {
                #expect(read([start, other]).failure == .expectedContinuation)
                #expect(read([start, more, ping, other]).failure == .expectedContinuation)
                #expect(read([start, end, other]).failure == nil)
            }
        }
    }

    @Test func nothingIsContinuedThatHasNotBegun_5_4() {
        for continuation in [more, end] {
            #expect(read([continuation]).failure == .unexpectedContinuation)
            #expect(read([text, continuation]).failure == .unexpectedContinuation)
            #expect(read([textStart, end, continuation]).failure == .unexpectedContinuation)
            #expect(read([ping, continuation]).failure == .unexpectedContinuation)
        }
    }

    @Test func theFramesOfAMessageTogetherMustFitTheLimit_10_4() {
        var limits = FrameLimits()
        limits.maxFrame = 300
        limits.maxMessage = 1000
        func frame(_ opcode: UInt8, _ count: Int, isFinal: Bool = false) -> [UInt8] {
            clientFrame(opcode, [UInt8](repeating: 65, count: count), isFinal: isFinal)
        }
        let exact = [frame(2, 300), frame(0, 300), frame(0, 300), frame(9, 125, isFinal: true), frame(0, 100)]
        #expect(read(exact + [frame(0, 0, isFinal: true)], limits).failure == nil)
        #expect(read(exact + [frame(0, 1, isFinal: true)], limits).failure == .messageTooBig)
        #expect(read([frame(1, 300), frame(0, 301)], limits).failure == .frameTooBig)
        // The next message begins from nothing.
        #expect(read(exact + [frame(0, 0, isFinal: true)] + exact, limits).failure == nil)
        #expect(read([frame(1, 300, isFinal: true), frame(2, 300, isFinal: true)] + exact, limits).failure == nil)
    }

    @Test func aLengthThatWouldOverflowTheSumIsRefused() {
        var limits = FrameLimits()
        limits.maxFrame = .max
        limits.maxMessage = .max
        let huge: [UInt8] = [0x02, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 7) + [1, 2, 3, 4]
        #expect(read([huge], limits).failure == nil)
        #expect(read([huge, [0x00] + huge.dropFirst()], limits).failure == .messageTooBig)
        #expect(read([huge, end], limits).failure == .messageTooBig)
        #expect(read([huge, clientFrame(0, [])], limits).failure == nil)
    }
}

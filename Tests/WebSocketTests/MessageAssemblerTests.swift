// Tests/WebSocketTests/MessageAssemblerTests.swift — the assembler at every split point, and its states.

import Bytes
import Testing
import WebSocket

@Suite struct MessageAssemblerTests {
    private static let text = Array("caf\u{E9} \u{65E5}\u{672C} \u{1F600}".utf8)
    private static let hello = Array("Hello".utf8)

    /// Sessions, each with what has to come of it.
    private static let sessions: [(bytes: [UInt8], events: [SessionEvent])] = [
        (clientFrame(1, text), [.message(isText: true, text)]),
        (clientFrame(2, []) + clientFrame(1, []), [.message(isText: false, []), .message(isText: true, [])]),
        (
            clientFrame(1, Array(text[..<4]), isFinal: false) + clientFrame(9, hello)
                + clientFrame(0, Array(text[4..<9]), isFinal: false) + clientFrame(10, hello)
                + clientFrame(0, Array(text[9...])) + clientFrame(2, text),
            [.ping(hello), .message(isText: true, text), .message(isText: false, text)]
        ),
        (
            clientFrame(2, [UInt8](repeating: 7, count: 130)) + clientFrame(8, [3, 232] + hello) + clientFrame(9, []),
            [.message(isText: false, [UInt8](repeating: 7, count: 130)), .close(code: 1000, reason: [])]
        ),
        (clientFrame(8, []), [.close(code: nil, reason: [])]),
        (clientFrame(8, [3]), [.failure("shortClosePayload")]),
        (clientFrame(8, [3, 237]), [.failure("badCloseCode")]),
        (clientFrame(8, [3, 232, 0xFF]), [.failure("invalidUTF8")]),
        (clientFrame(1, [65, 0xC3]), [.failure("invalidUTF8")]),
        (clientFrame(1, hello) + clientFrame(1, [0xFF]), [.message(isText: true, hello), .failure("invalidUTF8")]),
        (
            clientFrame(1, [65, 0xC3], isFinal: false) + clientFrame(0, []),
            [.failure("invalidUTF8")]
        ),
        (clientFrame(2, [UInt8](repeating: 0, count: 301)), [.failure("frameTooBig")]),
        (
            clientFrame(2, [UInt8](repeating: 0, count: 300), isFinal: false)
                + clientFrame(0, [UInt8](repeating: 0, count: 201)),
            [.failure("messageTooBig")]
        ),
        (
            clientFrame(2, [UInt8](repeating: 0, count: 300), isFinal: false)
                + clientFrame(0, [UInt8](repeating: 0, count: 200)),
            [.message(isText: false, [UInt8](repeating: 0, count: 500))]
        ),
        (
            clientFrame(2, [UInt8](repeating: 0, count: 200), isFinal: false)
                + clientFrame(0, [UInt8](repeating: 0, count: 200), isFinal: false)
                + clientFrame(0, [UInt8](repeating: 0, count: 101)),
            [.failure("messageTooBig")]
        ),
        (clientFrame(0, hello), [.failure("unexpectedContinuation")]),
        (clientFrame(1, [], isFinal: false) + clientFrame(1, []), [.failure("expectedContinuation")]),
    ]

    private func read(
        _ pieces: [[UInt8]], echoes: Bool = false, hasSentClose: Bool = false
    ) -> [SessionEvent] {
        var reader = FrameReader(maxFrame: 300, maxMessage: 500, echoes: echoes, hasSentClose: hasSentClose)
        for piece in pieces { reader.read(piece) }
        return reader.events
    }

    @Test func everySessionIsReadAlikeAtEverySplitPoint() {
        for (bytes, events) in Self.sessions {
            for echoes in [false, true] {
                for cut in 0...bytes.count {
                    let pieces = [Array(bytes[..<cut]), Array(bytes[cut...])]
                    #expect(read(pieces, echoes: echoes) == events, "cut at \(cut), echo \(echoes)")
                }
                #expect(read(bytes.map { [$0] }, echoes: echoes) == events, "byte by byte, echo \(echoes)")
            }
        }
    }

    @Test func afterACloseWasSentOnlyThePeersCloseMatters_7_1() {
        let ignored =
            clientFrame(1, Self.text) + clientFrame(9, Self.hello) + clientFrame(1, [65, 0xFF], isFinal: false)
            + clientFrame(0, Self.hello)
        let bytes = ignored + clientFrame(8, [3, 232])
        for cut in 0...bytes.count {
            var reader = FrameReader(maxFrame: 300, maxMessage: 500, hasSentClose: true)
            reader.read(bytes[..<cut])
            let wasOver = reader.isOver
            #expect(wasOver == (cut == bytes.count))
            reader.read(bytes[cut...])
            // Its Close is an answer, and is not answered.
            let (events, isOver) = (reader.events, reader.isOver)
            #expect(events == [] && isOver)
        }
        #expect(read([clientFrame(0, [])], hasSentClose: true) == [.failure("unexpectedContinuation")])
    }

    @Test func anEchoWaitsForRoomAndLosesNothing() {
        let payload = [UInt8](repeating: 65, count: 60_000)
        var reader = FrameReader(
            maxFrame: 200_000, maxMessage: 200_000, echoes: true, room: Config.sendBufferSize)
        for _ in 0..<3 { reader.read(clientFrame(1, payload) + clientFrame(1, payload) + clientFrame(9, [])) }
        // One that never fits is shown as a message.
        let long = [UInt8](repeating: 66, count: Config.sendBufferSize)
        reader.read(clientFrame(2, long))
        let one: [SessionEvent] = [.message(isText: true, payload), .message(isText: true, payload), .ping([])]
        let events = reader.events
        #expect(events == one + one + one + [.message(isText: false, long)])
    }

    @Test func aMessageThatFindsNoMemoryIsAFailure() {
        let bytes = clientFrame(2, Self.hello, isFinal: false)
        var reader = FrameReader(maxFrame: 300, maxMessage: 500, store: .refused())
        reader.read(clientFrame(2, Self.hello) + bytes)
        let events = reader.events
        #expect(events == [.message(isText: false, Self.hello), .failure("outOfMemory")])
    }

    @Test func theClosingHandshakeHasTheStepsOfItsDiagram() {
        typealias State = MessageAssembler.ReadyState
        let states: [State] = [.open, .closing, .closed]
        let steps = states.flatMap { from in states.map { (from, $0) } }.filter { $0.0.mayBecome($0.1) }
        #expect(steps.map(\.0) == [.open, .open, .closing])
        #expect(steps.map(\.1) == [.closing, .closed, .closed])
    }

    @Test func aCloseIsSentOnceAndOnlyWhileOpen() {
        var assembler = MessageAssembler(store: .onGlibc())
        assembler.begin(echoes: false, hasSentClose: false)
        let sent = written { output in
            assembler.close(.normal, reason: "", &output)
            assembler.close(.goingAway, reason: "", &output)
        }
        #expect(sent == [0x88, 2, 3, 232])
        let state = assembler.readyState
        #expect(state == .closing)
        assembler.connectionEnded()
        assembler.connectionEnded()
        let end = assembler.readyState
        #expect(end == .closed)
        let later = written { assembler.close(.normal, reason: "", &$0) }
        #expect(later == [])
    }
}

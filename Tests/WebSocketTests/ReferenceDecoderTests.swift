// Tests/WebSocketTests/ReferenceDecoderTests.swift — sessions of random frames, read by the module and by the
// reference.

import TestSupport
import Testing
import WebSocket

@Suite struct ReferenceDecoderTests {
    private static let maxFrame = 70_000
    private static let maxMessage = 100_000

    /// What the module reads from pieces that end at `cuts`.
    private func read(_ bytes: [UInt8], cuts: [Int], echoes: Bool) -> [SessionEvent] {
        var reader = FrameReader(maxFrame: Self.maxFrame, maxMessage: Self.maxMessage, echoes: echoes)
        var start = 0
        for cut in cuts + [bytes.count] {
            reader.read(bytes[start..<cut])
            start = cut
        }
        return reader.events
    }

    private func reference(_ bytes: [UInt8]) -> ReferenceDecoder {
        ReferenceDecoder(bytes, maxFrame: Self.maxFrame, maxMessage: Self.maxMessage)
    }

    @Test func theReferenceReadsTheExamplesOf_5_7() {
        let hello = Array("Hello".utf8)
        let masked = reference(bytes("81 85 37 FA 21 3D 7F 9F 4D 51 58  8A 85 37 FA 21 3D 7F 9F 4D 51 58"))
        #expect(masked.events == [.message(isText: true, hello), .pong(hello)])
        #expect(masked.used == 22)
        let fragmented =
            clientFrame(1, Array("Hel".utf8), isFinal: false) + clientFrame(9, hello) + clientFrame(0, Array("lo".utf8))
        #expect(reference(fragmented).events == [.ping(hello), .message(isText: true, hello)])
        #expect(reference(bytes("81 05 48 65 6C 6C 6F")).events == [.failure("unmasked")])
        let long = [UInt8](repeating: 7, count: 65536)
        #expect(reference(clientFrame(2, long)).events == [.message(isText: false, long)])
        let close = clientFrame(8, [0x03, 0xE8] + hello)
        #expect(reference(close + close).events == [.close(code: 1000, reason: hello)])
    }

    /// Frames that mostly make sense, so that there is something behind them.
    private func session(_ chance: inout Chance) -> [UInt8] {
        var bytes: [UInt8] = []
        var isWithin = false
        for _ in 0..<Int.random(in: 1...12, using: &chance) {
            let key = chance.isOnce(in: 4) ? [0, 0, 0, 0] : chance.bytes(4)
            if chance.isOnce(in: 4) {
                let opcode = UInt8.random(in: 9...10, using: &chance)
                let count = chance.isOnce(in: 4) ? 125 : Int.random(in: 0...20, using: &chance)
                bytes += clientFrame(opcode, chance.bytes(count), key: key)
                continue
            }
            if chance.isOnce(in: 15) {
                let code: [UInt8] = [UInt8.random(in: 3...4, using: &chance), UInt8(truncatingIfNeeded: chance.next())]
                let reason = chance.isOnce(in: 3) ? chance.bytes(3) : Array("caf\u{E9}".utf8)
                bytes += clientFrame(8, chance.isOnce(in: 4) ? [] : code + reason, key: key)
                continue
            }
            let count =
                chance.isOnce(in: 150) ? 65536 : chance.isOnce(in: 6) ? 126 : Int.random(in: 0...60, using: &chance)
            let isText = !chance.isOnce(in: 3)
            // Characters of one, two, three and four bytes; cut anywhere.
            let characters = Array("ab\u{E9}\u{65E5}\u{1F600}".utf8)
            var payload = isText ? (0..<count).map { characters[$0 % characters.count] } : chance.bytes(count)
            if isText, chance.isOnce(in: 2) { payload.removeLast(payload.count % characters.count) }
            let isFinal = !chance.isOnce(in: 3)
            var opcode: UInt8 = isWithin ? 0 : isText ? 1 : 2
            if chance.isOnce(in: 40) { opcode = UInt8.random(in: 0...15, using: &chance) }
            let lengthBytes = chance.isOnce(in: 60) ? 8 : nil
            bytes += clientFrame(opcode, payload, isFinal: isFinal, key: key, lengthBytes: lengthBytes)
            isWithin = !isFinal
        }
        if chance.isOnce(in: 4), !bytes.isEmpty {
            bytes[Int.random(in: bytes.indices, using: &chance)] ^= 1 << UInt8.random(in: 0...7, using: &chance)
        }
        return bytes
    }

    @Test func sessionsAreReadAsTheReferenceReadsThemHoweverTheyAreCut() {
        var chance = Chance(6455)
        var kinds: [String: Int] = [:]
        for _ in 0..<2000 {
            let bytes = session(&chance)
            let expected = reference(bytes)
            var cuts = (0..<Int.random(in: 0...20, using: &chance)).map { _ in
                Int.random(in: 0...bytes.count, using: &chance)
            }
            cuts.sort()
            for cuts in [[], cuts] {
                for echoes in [false, true] {
                    let events = read(bytes, cuts: cuts, echoes: echoes)
                    if events != expected.events.compactMap(\.shown) {
                        Issue.record("cut at \(cuts), \(echoes): \(bytes)")
                    }
                }
            }
            for event in expected.events { kinds[name(event), default: 0] += 1 }
        }
        // That chance has tried all of it.
        for kind in ["text", "binary", "ping", "pong", "close", "invalidUTF8", "badCloseCode", "reservedOpcode"] {
            #expect(kinds[kind, default: 0] > 20, "\(kind)")
        }
        for kind in ["unexpectedContinuation", "expectedContinuation", "reservedBits", "unmasked", "longFormLength"] {
            #expect(kinds[kind, default: 0] > 0, "\(kind)")
        }
    }

    /// The last event comes with the byte that the reference needs for it, and not before.
    @Test func aFailureOrACloseComesWithTheByteThatMakesIt() {
        var chance = Chance(817)
        var endings = 0
        while endings < 300 {
            let bytes = session(&chance)
            let expected = reference(bytes)
            guard bytes.count < 3000, let last = expected.events.last else { continue }
            switch last {
            case .failure, .close: endings += 1
            default: continue
            }
            var reader = FrameReader(maxFrame: Self.maxFrame, maxMessage: Self.maxMessage)
            var needed = 0
            for byte in bytes where !reader.isOver {
                reader.read([byte])
                needed += 1
            }
            let events = reader.events
            #expect(events == expected.events.compactMap(\.shown))
            #expect(needed == expected.used)
        }
    }

    private func name(_ event: SessionEvent) -> String {
        switch event {
        case .message(let isText, _): isText ? "text" : "binary"
        case .ping: "ping"
        case .pong: "pong"
        case .close: "close"
        case .failure(let name): name
        }
    }
}

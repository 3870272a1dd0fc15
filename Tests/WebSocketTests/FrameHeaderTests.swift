// Tests/WebSocketTests/FrameHeaderTests.swift — headers of single frames, byte by byte: RFC 6455 §5.2, §5.5, §5.7.

import Testing
import WebSocket

/// A header's begin and what it must be refused with, at its last byte and not before.
struct HeaderRefusal: Sendable, CustomTestStringConvertible {
    let header: [UInt8]
    let failure: WebSocketFailure
    let message: Opcode?

    init(_ hexadecimal: String, _ failure: WebSocketFailure, within message: Opcode? = nil) {
        header = bytes(hexadecimal)
        self.failure = failure
        self.message = message
    }

    var testDescription: String { "\(failure) \(header)" }
}

@Suite struct FrameHeaderTests {
    private static let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
    private static let keyNumber: UInt32 = 0x3D21_FA37

    /// A header with a length in 0, 2 or 8 bytes.
    private func header(_ first: UInt8, _ length: UInt64, _ lengthBytes: Int) -> [UInt8] {
        let short = lengthBytes == 0 ? UInt8(length) : lengthBytes == 2 ? 126 : 127
        let digits = (0..<lengthBytes).reversed().map { UInt8(truncatingIfNeeded: length >> UInt64($0 * 8)) }
        return [first, 0x80 | short] + digits + Self.key
    }

    private var unlimited: FrameLimits {
        var limits = FrameLimits()
        limits.maxFrame = .max
        limits.maxMessage = .max
        return limits
    }

    @Test func theMaskedHelloOf_5_7() {
        let frame = bytes("81 85 37 FA 21 3D 7F 9F 4D 51 58")
        guard case .header(let header) = FrameDecoder().judge(frame) else {
            Issue.record("no header")
            return
        }
        #expect(header.isFinal && header.opcode == .text && header.payloadCount == 5 && header.count == 6)
        #expect(header.key == Self.keyNumber)
        var payload = Array(frame[header.count...])
        var view = payload.mutableSpan
        view.unmask(with: header.key)
        #expect(payload == Array("Hello".utf8))
    }

    @Test(arguments: [Opcode.text, .binary, .close, .ping, .pong])
    func aHeaderIsIncompleteUntilItsLastByte_5_2(_ opcode: Opcode) {
        let longest = opcode.isControl ? 125 : 1 << 24
        for length in [0, 1, 20, 125, 126, 127, 255, 256, 65535, 65536, 65537, 1 << 24] where length <= longest {
            let whole = header(0x80 | opcode.rawValue, UInt64(length), length <= 125 ? 0 : length <= 65535 ? 2 : 8)
            for end in 0..<whole.count {
                let begun = Array(whole.prefix(end))
                #expect(FrameDecoder().judge(begun) == .incomplete)
            }
            // Behind other bytes, and with others behind it.
            for before in [0, 1, 3, 8] {
                let input = [UInt8](repeating: 0xFF, count: before) + whole + [0xFF, 0xFF, 0xFF]
                guard case .header(let header) = FrameDecoder().judge(input, at: before) else {
                    Issue.record("no header")
                    continue
                }
                #expect(header.opcode == opcode && header.isFinal && header.payloadCount == length)
                #expect(header.count == whole.count && header.key == Self.keyNumber)
            }
        }
    }

    /// What each first byte leads to, by the table of §5.2, without one and with one of both kinds of message under
    /// way.
    @Test(arguments: [nil, Opcode.text, .binary])
    func everyFirstByteIsJudgedAtOnce_5_2(_ message: Opcode?) {
        for first in UInt8.min...UInt8.max {
            let isFinal = first & 0x80 != 0
            let expected: WebSocketFailure? =
                switch (first & 0x70, first & 0x0F) {
                case (1..., _): .reservedBits
                case (_, 3...7), (_, 11...15): .reservedOpcode
                case (_, 8...10): isFinal ? nil : .fragmentedControl
                case (_, 0): message == nil ? .unexpectedContinuation : nil
                default: message == nil ? nil : .expectedContinuation
                }
            let decoder = FrameDecoder(within: message)
            #expect(decoder.message == message)
            let alone = decoder.judge([first])
            #expect(alone == (expected.map { .refused($0) } ?? .incomplete))
            let whole = decoder.judge(header(first, 5, 0))
            if let expected {
                #expect(whole == .refused(expected))
            } else if case .header(let header) = whole {
                #expect(header.opcode.rawValue == first & 0x0F && header.isFinal == isFinal && header.payloadCount == 5)
            } else {
                Issue.record("\(first) is refused: \(whole)")
            }
        }
    }

    @Test func everySecondByteWithoutAMaskIsRefusedAtOnce_5_1() {
        for opcode: UInt8 in [1, 2, 8, 9, 10] {
            for second in UInt8.min...UInt8.max {
                let judgement = FrameDecoder().judge([0x80 | opcode, second])
                let isLong = second & 0x7F > 125 && opcode >= 8
                #expect(judgement.failure == (second < 0x80 ? .unmasked : isLong ? .longControl : nil))
                // With the rest of a header behind it the same is said.
                let rest = [UInt8](repeating: 0x7F, count: 12)
                let whole = FrameDecoder().judge([0x80 | opcode, second] + rest, unlimited)
                #expect(whole.failure == judgement.failure)
            }
        }
    }

    static let refusals = [
        // §5.2: the minimal number of bytes must be used.
        HeaderRefusal("82 FE 00 00", .longFormLength), HeaderRefusal("82 FE 00 7D", .longFormLength),
        HeaderRefusal("81 FE 00 01", .longFormLength), HeaderRefusal("01 FE 00 7D", .longFormLength),
        HeaderRefusal("82 FF 00 00 00 00 00 00 00 00", .longFormLength),
        HeaderRefusal("82 FF 00 00 00 00 00 00 00 7D", .longFormLength),
        HeaderRefusal("82 FF 00 00 00 00 00 00 00 7E", .longFormLength),
        HeaderRefusal("82 FF 00 00 00 00 00 00 FF FF", .longFormLength),
        HeaderRefusal("80 FE 00 7D", .longFormLength, within: .text),
        // §5.2: the most significant bit must be 0.
        HeaderRefusal("82 FF 80", .lengthOverflow), HeaderRefusal("01 FF FF", .lengthOverflow),
        HeaderRefusal("00 FF 80", .lengthOverflow, within: .binary),
        // §10.4: limits of the implementation, here 16 MiB.
        HeaderRefusal("82 FF 00 00 00 00 01 00 00 01", .frameTooBig),
        HeaderRefusal("82 FF 7F FF FF FF FF FF FF FF", .frameTooBig),
        HeaderRefusal("00 FF 00 00 00 00 01 00 00 01", .frameTooBig, within: .text),
        // §5.5: control frames have at most 125 bytes and are not fragmented.
        HeaderRefusal("88 FE", .longControl), HeaderRefusal("89 FF", .longControl),
        HeaderRefusal("8A FE", .longControl, within: .text), HeaderRefusal("09", .fragmentedControl),
        HeaderRefusal("08", .fragmentedControl, within: .binary), HeaderRefusal("0A", .fragmentedControl),
        // §5.4: fragments.
        HeaderRefusal("80", .unexpectedContinuation), HeaderRefusal("00", .unexpectedContinuation),
        HeaderRefusal("81", .expectedContinuation, within: .text),
        HeaderRefusal("02", .expectedContinuation, within: .text),
        // Two faults in one byte: the first by the order of the cases.
        HeaderRefusal("F3", .reservedBits), HeaderRefusal("03", .reservedOpcode),
        HeaderRefusal("0F", .reservedOpcode, within: .text), HeaderRefusal("89 7E", .unmasked),
    ]

    @Test(arguments: refusals)
    func aFaultIsSeenAtTheFirstByteThatProvesIt(_ row: HeaderRefusal) {
        let decoder = FrameDecoder(within: row.message)
        for end in 0..<row.header.count {
            let begun = Array(row.header.prefix(end))
            #expect(decoder.judge(begun) == .incomplete)
        }
        for more in 0...14 {
            let input = row.header + [UInt8](repeating: 0x55, count: more)
            #expect(decoder.judge(input) == .refused(row.failure))
        }
    }

    @Test func lengthsAreTakenUpToTheirBounds_5_2() {
        let rows: [(UInt64, Int)] = [
            (0, 0), (125, 0), (126, 2), (127, 2), (65535, 2), (65536, 8), (1 << 32, 8), ((1 << 63) - 1, 8),
        ]
        for (length, lengthBytes) in rows {
            for first: UInt8 in [0x81, 0x82, 0x01, 0x02] {
                let judgement = FrameDecoder().judge(header(first, length, lengthBytes), unlimited)
                guard case .header(let header) = judgement else {
                    Issue.record("\(length) is refused: \(judgement)")
                    continue
                }
                #expect(header.payloadCount == Int(length) && header.count == 6 + lengthBytes)
            }
        }
        #expect(FrameDecoder().judge(header(0x82, 1 << 63, 8), unlimited) == .refused(.lengthOverflow))
        #expect(FrameDecoder().judge(header(0x82, .max, 8), unlimited) == .refused(.lengthOverflow))
    }

    @Test func limitsHoldForDataAndNotForControlFrames_10_4() {
        var limits = FrameLimits()
        #expect(limits.maxFrame == 16 << 20 && limits.maxMessage == 16 << 20)
        for limit in [0, 1, 10, 124, 125, 126, 1000, 70000] {
            limits.maxFrame = limit
            limits.maxMessage = 1 << 20
            for length in [0, 1, 9, 10, 11, 124, 125, 126, 127, 999, 1000, 1001, 69999, 70000, 70001] {
                let frame = header(0x82, UInt64(length), length <= 125 ? 0 : length <= 65535 ? 2 : 8)
                #expect(FrameDecoder().judge(frame, limits).failure == (length <= limit ? nil : .frameTooBig))
                var swapped = limits
                swapped.maxFrame = limits.maxMessage
                swapped.maxMessage = limit
                #expect(FrameDecoder().judge(frame, swapped).failure == (length <= limit ? nil : .messageTooBig))
                if length <= 125 {
                    #expect(FrameDecoder().judge(header(0x89, UInt64(length), 0), limits).failure == nil)
                }
            }
        }
    }
}

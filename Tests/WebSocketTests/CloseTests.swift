// Tests/WebSocketTests/CloseTests.swift — close codes and what a Close frame says: RFC 6455 §5.5.1, §7.4.

import Testing
import WebSocket

@Suite struct CloseTests {
    /// The codes that may stand in a Close frame: RFC 6455 §7.4 with IANA's registry of WebSocket close codes.
    private static let sendable: Set<Int> = Set(
        [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014] + Array(3000...4999))

    /// What a payload is judged as.
    private enum Reading: Equatable {
        case says(ClosePayload)
        case refused(WebSocketFailure)
    }

    private func parse(_ payload: [UInt8]) -> Reading {
        do throws(WebSocketFailure) {
            return .says(try ClosePayload.parse(payload.span))
        } catch {
            return .refused(error)
        }
    }

    private func payload(_ code: Int, _ reason: [UInt8] = []) -> [UInt8] {
        [UInt8(code >> 8), UInt8(code & 255)] + reason
    }

    @Test func everyCodeIsTakenOrRefusedByTheRegistry_7_4() {
        var mistakes: [Int] = []
        for number in 0...65535 {
            let mayBeSent = Self.sendable.contains(number)
            let code = CloseCode(rawValue: UInt16(number))
            if code.mayBeSent != mayBeSent { mistakes.append(number) }
            switch parse(payload(number, [65])) {
            case .says(let close): if !mayBeSent || close.code != code { mistakes.append(number) }
            case .refused(let failure): if mayBeSent || failure != .badCloseCode { mistakes.append(number) }
            }
        }
        #expect(mistakes == [])
    }

    @Test func theNamesAreThoseOfTheRegistry_11_7() {
        let named: [(CloseCode, UInt16)] = [
            (.normal, 1000), (.goingAway, 1001), (.protocolError, 1002), (.unsupportedData, 1003), (.noStatus, 1005),
            (.abnormal, 1006), (.invalidData, 1007), (.policyViolation, 1008), (.messageTooBig, 1009),
            (.mandatoryExtension, 1010), (.internalError, 1011), (.serviceRestart, 1012), (.tryAgainLater, 1013),
            (.badGateway, 1014), (.tlsHandshake, 1015), (.unauthorized, 3000), (.forbidden, 3003), (.timeout, 3008),
        ]
        for (code, number) in named { #expect(code.rawValue == number) }
    }

    @Test func anEmptyPayloadSaysNothingAndOneByteIsNoCode_5_5_1() throws {
        guard case .says(let close) = parse([]) else {
            Issue.record("refused")
            return
        }
        #expect(close.code == nil && close.reasonStart == 0)
        for byte in UInt8.min...UInt8.max { #expect(parse([byte]) == .refused(.shortClosePayload)) }
    }

    @Test func theReasonIsUTF8_5_5_1() {
        for reason in ["", "bye", "gr\u{FC}\u{DF}e \u{65E5}\u{672C} \u{1F600}"] {
            guard case .says(let close) = parse(payload(1000, Array(reason.utf8))) else {
                Issue.record("refused: \(reason)")
                continue
            }
            #expect(close.code == .normal && close.reasonStart == 2)
        }
        for hexadecimal in ["FF", "61 C3", "E2 82", "ED A0 80", "F4 90 80 80", "C0 80", "61 80"] {
            #expect(parse(payload(1000, bytes(hexadecimal))) == .refused(.invalidUTF8))
            // The code comes first.
            #expect(parse(payload(1005, bytes(hexadecimal))) == .refused(.badCloseCode))
        }
    }
}

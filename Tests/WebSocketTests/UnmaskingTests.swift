// Tests/WebSocketTests/UnmaskingTests.swift — RFC 6455 §5.3 against a plain loop.

import Bytes
import TestSupport
import Testing

@Suite struct UnmaskingTests {
    private static let keys: [UInt32] = [0, .max, 0x0403_0201, 0x8000_0001, 0x3D21_FA37, 0x0000_00FF, 0xFF00_0000]
    private static let lengths =
        Array(0...70) + [127, 128, 129, 130, 131, 255, 511, 512, 513, 543, 544, 545, 1000, 4095, 4096, 4099]

    /// The algorithm as the section has it.
    private func plain(_ payload: [UInt8], _ key: UInt32) -> [UInt8] {
        let octets = (0..<4).map { UInt8(truncatingIfNeeded: key >> (UInt32($0) * 8)) }
        return payload.indices.map { payload[$0] ^ octets[$0 % 4] }
    }

    @Test func octetIIsTransformedWithOctetIMod4OfTheKey_5_3() {
        var chance = Chance(53)
        for count in Self.lengths {
            let payload = chance.bytes(count)
            for key in Self.keys {
                var span = payload
                var view = span.mutableSpan
                view.unmask(with: key)
                #expect(span == plain(payload, key))
                let copy = written { $0.append(payload.span, unmasking: key) }
                #expect(copy == plain(payload, key))
            }
        }
    }

    @Test func nothingAroundThePayloadIsTouchedAtAnyAlignment() {
        for from in 0..<17 {
            for to in [0, 1, 7, 8, 15, 16] {
                for count in Array(0...70) + [100, 200, 300] { checkSurroundings(count, from, to, room: 512) }
            }
        }
        // Vectors of 32 bytes, where there are such: from 512 bytes on.
        for place in 0..<33 {
            for count in [511, 512, 513, 543, 544, 545, 576] {
                checkSurroundings(count, place, (place * 7) % 33, room: 1024)
            }
        }
    }

    /// Unmasks `count` bytes from place `from` of a field to place `to` of another one, and then where they are.
    private func checkSurroundings(_ count: Int, _ from: Int, _ to: Int, room: Int) {
        var chance = Chance(54)
        let source = UnsafeMutablePointer<UInt8>.allocate(capacity: room)
        let target = UnsafeMutablePointer<UInt8>.allocate(capacity: room)
        defer {
            unsafe source.deallocate()
            unsafe target.deallocate()
        }
        let payload = chance.bytes(count)
        let expected = plain(payload, 0x3D21_FA37)
        unsafe target.initialize(repeating: 0xEE, count: room)
        unsafe source.initialize(repeating: 0xDD, count: room)
        for index in 0..<count { unsafe source[from + index] = payload[index] }
        unsafe unmaskBytes(to: target + to, from: source + from, count: count, key: 0x3D21_FA37)
        let copied = (0..<room).map { unsafe target[$0] }
        let around = [UInt8](repeating: 0xEE, count: to)
        #expect(copied == around + expected + [UInt8](repeating: 0xEE, count: room - to - count))
        unsafe unmaskBytes(to: source + from, from: source + from, count: count, key: 0x3D21_FA37)
        let changed = (0..<room).map { unsafe source[$0] }
        let before = [UInt8](repeating: 0xDD, count: from)
        #expect(changed == before + expected + [UInt8](repeating: 0xDD, count: room - from - count))
    }

    @Test func aPartOfAPayloadHasItsOwnKey_5_3() {
        var chance = Chance(55)
        let payload = chance.bytes(70)
        for key in Self.keys {
            let whole = plain(payload, key)
            for cut in 0...payload.count {
                var rest = Array(payload[cut...])
                var view = rest.mutableSpan
                view.unmask(with: rotatedMaskingKey(key, by: cut))
                #expect(rest == Array(whole[cut...]))
            }
        }
        #expect(rotatedMaskingKey(0x0403_0201, by: 1) == 0x0104_0302)
        #expect(rotatedMaskingKey(0x0403_0201, by: 0x7FFF_FFFF_FFFF_FFFE) == 0x0201_0403)
    }

    @Test func whatDoesNotFitIsNotAppended() {
        let payload = [UInt8](repeating: 1, count: 20)
        let copy = written(19) { $0.append(payload.span, unmasking: 1) }
        #expect(copy == nil)
        let rest = written(24) { writer in
            writer.append("abcd")
            writer.append(payload.span, unmasking: 0)
        }
        #expect(rest == Array("abcd".utf8) + payload)
    }
}

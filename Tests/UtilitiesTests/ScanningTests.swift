// Tests/UtilitiesTests/ScanningTests.swift — the vector scans against byte-by-byte ones, at every length and place.

import Testing
import Utilities

@Suite struct ScanningTests {
    private func isControl(_ byte: UInt8) -> Bool { byte < 0x20 && byte != 9 || byte == 0x7F }

    private func isName(_ byte: UInt8) -> Bool {
        Set("0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8).contains(byte)
    }

    private func isTarget(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) && byte != 0x23 && byte != 0x3F }

    @Test func everyByteIsInItsClass() {
        for byte in UInt8.min...UInt8.max {
            // As one of a full vector, and as one of a rest.
            for bytes in [[UInt8](repeating: 0x61, count: 16) + [byte], [byte] + [UInt8](repeating: 0x61, count: 20)] {
                let index = bytes[0] == byte && byte != 0x61 ? 0 : 16
                let span = bytes.span
                #expect((span.controls(from: 0) != 0) == isControl(byte))
                #expect((span.endOfName(from: 0) == index) == !isName(byte))
                #expect((span.endOfTargetPart(from: 0) == index) == !isTarget(byte))
                #expect(byte.isControl == isControl(byte))
            }
        }
    }

    @Test func aByteIsFoundAtEveryPlaceOfEveryLength() {
        for count in 0...140 {
            for place in 0...count {
                var bytes = [UInt8](repeating: 0x61, count: count)
                if place < count { bytes[place] = 0x0D }
                #expect(bytes.span.endOfName(from: 0) == place)
                #expect(bytes.span.endOfTargetPart(from: 0) == place)
                #expect(bytes.span.controls(from: 0) == (place < min(count, 64) ? 1 << UInt64(place) : 0))
                var scanner = ControlScanner(bytes.span, from: 0)
                #expect(scanner.next(in: bytes.span) == (place < count ? place : nil))
                #expect(scanner.next(in: bytes.span) == nil)
            }
        }
    }

    @Test func aScanBeginsWhereItIsTold() {
        let bytes = Array("\r\n ?abc \r".utf8)
        #expect(bytes.span.endOfName(from: 4) == 7)
        #expect(bytes.span.endOfTargetPart(from: 9) == 9)
        #expect(bytes.span.controls(from: 1) == 0b1000_0001)
        var scanner = ControlScanner(bytes.span, from: 1)
        #expect(scanner.next(in: bytes.span) == 1)
        #expect(scanner.next(in: bytes.span) == 8)
        scanner = ControlScanner(bytes.span, from: 0)
        #expect(scanner.next(in: bytes.span) == 0)
        #expect(scanner.next(in: bytes.span) == 8)
    }

    @Test func aLineEndIsWalkedOverOnceWhereverItLies() {
        for count in 0...200 {
            let bytes = [UInt8](repeating: 0x61, count: count) + [13, 10, 13, 10, 10, 13, 0]
            var found: [Int] = []
            var scanner = ControlScanner(bytes.span, from: 0)
            while let index = scanner.next(in: bytes.span) { found.append(index - count) }
            #expect(found == [0, 2, 4, 5, 6])
        }
    }

    @Test func allControlBytesOfALongTextAreWalked() {
        var state: UInt64 = 1
        for count in [0, 1, 63, 64, 65, 127, 128, 129, 1000] {
            var bytes: [UInt8] = []
            for _ in 0..<count {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(UInt8(truncatingIfNeeded: state >> 56))
            }
            for start in 0...min(count, 70) {
                var found: [Int] = []
                var scanner = ControlScanner(bytes.span, from: start)
                while let index = scanner.next(in: bytes.span) { found.append(index) }
                let expected = bytes.indices.filter { index in
                    let endsLine = index > start && bytes[index] == 10 && bytes[index - 1] == 13
                    return index >= start && isControl(bytes[index]) && !endsLine
                }
                #expect(found == expected)
            }
        }
    }
}

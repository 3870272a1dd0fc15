// Tests/BytesTests/ScanningTests.swift — the vector scans against byte-by-byte ones, at every length and place.

import Bytes
import Testing

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
                #expect((span.endOfText(from: 0) == index) == isControl(byte))
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
                #expect(bytes.span.endOfText(from: 0) == place)
            }
        }
    }

    @Test func aScanBeginsWhereItIsTold() {
        let bytes = Array("\r\n ?abc \r".utf8)
        #expect(bytes.span.endOfName(from: 4) == 7)
        #expect(bytes.span.endOfTargetPart(from: 9) == 9)
        #expect(bytes.span.endOfText(from: 1) == 1)
        #expect(bytes.span.endOfText(from: 2) == 8)
        #expect(bytes.span.endOfText(from: 9) == 9)
    }
}

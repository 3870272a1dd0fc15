// Tests/BytesTests/ByteWriterTests.swift — appending to memory of a fixed size.

import Bytes
import Testing

@Suite struct ByteWriterTests {
    /// What `body` writes into `capacity` bytes, and whether all fitted. Checks that nothing is written behind.
    private func written(_ capacity: Int = 100, _ body: (inout ByteWriter) -> Void) -> (text: String, fits: Bool) {
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + 8)
        defer { unsafe memory.deallocate() }
        unsafe memory.initialize(repeating: 0xEE, count: capacity + 8)
        var writer = unsafe ByteWriter(unsafeBase: memory, capacity: capacity)
        body(&writer)
        for index in capacity..<capacity + 8 { #expect(unsafe memory[index] == 0xEE) }
        var bytes: [UInt8] = []
        for index in 0..<writer.count { bytes.append(writer.bytes[index]) }
        return (String(decoding: bytes, as: UTF8.self), !writer.overflowed)
    }

    @Test func numbersAreWrittenInDecimal() {
        for number: UInt64 in [0, 9, 10, 99, 100, 12345, .max - 1, .max] {
            #expect(written { $0.append(decimal: number) }.text == String(number))
        }
        for number in [Int.min, -1, 0, Int.max] {
            #expect(written { $0.append(decimal: number) }.text == String(number))
        }
    }

    @Test func numbersAreWrittenInHexadecimal() {
        for number: UInt64 in [0, 9, 10, 15, 16, 255, 256, .max] {
            #expect(written { $0.append(hexadecimal: number) }.text == String(number, radix: 16))
        }
        #expect(written { $0.append(hexadecimal: 10, digits: 4) }.text == "000a")
    }

    @Test func numbersAreFilledUpWithZeros() {
        #expect(written { $0.append(padded: 7, width: 3) }.text == "007")
        #expect(written { $0.append(padded: 1234, width: 4) }.text == "1234")
    }

    @Test func whatDoesNotFitIsLeftOutWhole() {
        let result = written(5) { writer in
            writer.append("abc")
            writer.append("def")
            writer.append("de")
            writer.append(UInt8(ascii: "f"))
        }
        #expect(result.text == "abcde")
        #expect(!result.fits)
    }

    @Test func bytesAreReplacedInPlace() {
        #expect(
            written { writer in
                writer.append("abcdef")
                writer.replace(at: 2, with: Array("XY".utf8).span)
                writer.replace(at: 6, with: [UInt8]().span)
            }.text == "abXYef")
    }

    @Test func theEndIsForgotten() {
        let result = written(4) { writer in
            writer.append("abcd")
            writer.append("e")
            writer.removeAll()
            writer.append("xyz")
            writer.truncate(to: 2)
        }
        #expect(result.text == "xy")
        #expect(result.fits)
    }

    @Test func aByteBehindALiteralTraps() async {
        await #expect(processExitsWith: .failure) { _ = StaticBytes("hello").bytes[5] }
    }

    @Test func literalsAndRangesAreSpans() {
        let literal: StaticString = "hello"
        #expect(literal.bytes.count == 5)
        #expect(literal.bytes[ByteRange(1, 3)].count == 2)
        #expect(literal.bytes[ByteRange(1, 3)][0] == UInt8(ascii: "e"))
        #expect(literal.bytes[ByteRange(5, 5)].count == 0)
        #expect(literal.bytes[.absent].count == 0)
        #expect(ByteRange(5, 5).isPresent && ByteRange(5, 5).isEmpty)
        #expect(!ByteRange.absent.isPresent && ByteRange.absent.isEmpty)
    }
}

// Tests/BytesTests/LinesTests.swift — literals as tables of words.

import Bytes
import Testing

@Suite struct LinesTests {
    private let table: StaticString = "GET\nHEAD\n\n-\n"

    @Test func linesAreCountedFromZero() {
        let lines = (-1...5).map { table.line($0).description }
        #expect(lines == ["", "GET", "HEAD", "", "-", "", ""])
    }

    @Test func wordsAreFoundWholeAndInTheirCase() {
        let rows: [(String, Int?)] = [
            ("GET", 0), ("HEAD", 1), ("", 2), ("-", 3), ("get", nil), ("GE", nil), ("GETS", nil), ("GET\nHEAD", nil),
        ]
        for (word, number) in rows {
            let bytes = Array(word.utf8)
            let found = table.lineNumber(of: bytes.span)
            #expect(found == number, "\(word)")
        }
    }

    @Test func aPartIsALiteralToo() {
        #expect(table.part(1, 3).description == "ET")
        #expect(table.part(11, 11).description == "")
        #expect(table.part(0, table.utf8CodeUnitCount).description == table.description)
        #expect(table.part(4, 8).hasPointerRepresentation && table.part(4, 8).isASCII)
    }

    @Test func aByteIsFoundInARange() {
        let bytes = Array("a,b,c".utf8)
        #expect(bytes.span.firstIndex(of: 0x2C, in: 0..<5) == 1)
        #expect(bytes.span.firstIndex(of: 0x2C, in: 2..<5) == 3)
        #expect(bytes.span.firstIndex(of: 0x2C, in: 2..<3) == 3)
        #expect(bytes.span.firstIndex(of: 0x2C, in: 5..<5) == 5)
    }
}

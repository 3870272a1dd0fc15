// Tests/BytesTests/ASCIITests.swift — comparison, trimming and numbers.

import Bytes
import Testing

/// The span's comparisons on arrays: `#expect` cannot take a call on a span apart.
extension [UInt8] {
    fileprivate func equals(_ literal: StaticString) -> Bool { span.equals(literal) }
    fileprivate func equals(_ other: [UInt8]) -> Bool { span.equals(other.span) }
    fileprivate func equalsIgnoringCase(_ literal: StaticString) -> Bool { span.equalsIgnoringCase(literal) }
    fileprivate func starts(with literal: StaticString) -> Bool { span.starts(with: literal) }
    fileprivate func startsIgnoringCase(with literal: StaticString) -> Bool { span.startsIgnoringCase(with: literal) }
}

@Suite struct ASCIITests {
    @Test func comparisonIgnoresTheCaseOfLettersOnly() {
        // Each byte against each literal byte, in a text of seven bytes and in one of more than a word.
        let literals: [StaticString] = [
            "abcdefg", "ABCDEFG", "hijklmn", "opqrstu", "vwxyz01", "2345678", "9 !\"#$%", "&'()*+,", "-./:;<=",
            ">?@[\\]^",
            "_`{|}~ ", "abcdefghijklmnopqrstuvw", "ABC-DEF_GHI@JKL[MNO",
        ]
        for literal in literals {
            let text = Array(literal.description.utf8)
            #expect(text.equalsIgnoringCase(literal))
            #expect(text.equals(literal))
            for index in text.indices {
                for byte in UInt8.min...UInt8.max {
                    var changed = text
                    changed[index] = byte
                    let isSame = lower(byte) == lower(text[index])
                    #expect(changed.equalsIgnoringCase(literal) == isSame, "\(byte) for \(text[index])")
                    #expect(changed.equals(literal) == (byte == text[index]))
                }
            }
        }
    }

    private func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte + 0x20 : byte }

    @Test func textsOfOtherLengthDiffer() {
        let text = Array("abcdefghijklmnopqrstuvwxyz".utf8)
        for count in 0..<26 {
            #expect(!Array(text.prefix(count)).equals("abcdefghijklmnopqrstuvwxyz"))
            #expect(!Array(text.prefix(count)).equalsIgnoringCase("abcdefghijklmnopqrstuvwxyz"))
            #expect(Array(text.prefix(count)).equals(Array(text[..<count])))
        }
        #expect([UInt8]().equals(""))
    }

    @Test func beginsAreCompared() {
        let text = Array("http://x".utf8)
        #expect(text.starts(with: "http://"))
        #expect(!text.starts(with: "HTTP://"))
        #expect(text.startsIgnoringCase(with: "HTTP://"))
        #expect(!text.startsIgnoringCase(with: "http://xy"))
    }

    @Test func blanksAreTrimmed() {
        let rows: [(String, String)] = [
            ("a", "a"), (" \ta b\t ", "a b"), ("", ""), (" \t ", ""), ("\r a", "\r a"),
        ]
        for (text, expected) in rows {
            let bytes = Array(text.utf8)
            #expect(Array(bytes[bytes.span.trimmingBlanks(0..<bytes.count)]) == Array(expected.utf8))
        }
    }

    static let decimals: [(String, UInt64?)] = [
        ("0", 0), ("7", 7), ("0042", 42), ("18446744073709551615", .max), ("18446744073709551616", nil),
        ("99999999999999999999", nil), ("100000000000000000000", nil), ("", nil), ("+1", nil), ("-1", nil), ("1 ", nil),
        (" 1", nil), ("1a", nil), ("/", nil), (":", nil),
    ]

    @Test(arguments: decimals.indices)
    func decimalNumbersAreReadStrictly(_ index: Int) {
        let row = Self.decimals[index]
        #expect(Array(row.0.utf8).span.decimal == row.1)
    }

    static let hexadecimals: [(String, UInt64?)] = [
        ("0", 0), ("fF", 255), ("00000000000000000001", 1), ("ffffffffffffffff", .max), ("10000000000000000", nil),
        ("", nil), ("0x1", nil), ("g", nil), ("@", nil), ("`", nil), ("-1", nil),
    ]

    @Test(arguments: hexadecimals.indices)
    func hexadecimalNumbersAreReadStrictly(_ index: Int) {
        let row = Self.hexadecimals[index]
        #expect(Array(row.0.utf8).span.hexadecimal == row.1)
    }
}

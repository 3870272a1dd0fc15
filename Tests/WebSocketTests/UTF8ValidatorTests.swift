// Tests/WebSocketTests/UTF8ValidatorTests.swift — RFC 3629 against the standard library and the grammar.

import Bytes
import TestSupport
import Testing

@Suite struct UTF8ValidatorTests {
    /// What the validator says of pieces that end at `cuts`: how far it accepts, and whether it ends between
    /// characters.
    private func validate(_ text: [UInt8], cuts: [Int] = []) -> (accepts: Bool, isWhole: Bool) {
        var validator = UTF8Validator()
        var start = 0
        for cut in cuts + [text.count] {
            let accepts = validator.accepts(text.span.extracting(start..<cut))
            if !accepts { return (false, false) }
            start = cut
        }
        return (true, validator.isAtBoundary)
    }

    /// The same by the grammar.
    private func reference(_ text: [UInt8]) -> (accepts: Bool, isWhole: Bool) {
        var check = ReferenceUTF8()
        for byte in text where !check.takes(byte) { return (false, false) }
        return (true, check.isComplete)
    }

    private func isValid(_ text: [UInt8]) -> Bool { String(validating: text, as: UTF8.self) != nil }

    @Test func everyTextOfOneOrTwoBytesIsJudgedAsTheStandardLibraryDoes_RFC3629_4() {
        var mistakes: [[UInt8]] = []
        for first in UInt8.min...UInt8.max {
            let one = validate([first])
            if one.isWhole != isValid([first]) || one != reference([first]) { mistakes.append([first]) }
            for second in UInt8.min...UInt8.max {
                let two = validate([first, second])
                if two.isWhole != isValid([first, second]) || two != reference([first, second]) {
                    mistakes.append([first, second])
                }
            }
        }
        #expect(mistakes == [])
    }

    /// All that two bytes can leave open is tried with every third byte. What they already broke stays broken.
    @Test func everyTextOfThreeBytesIsJudgedAsTheStandardLibraryDoes_RFC3629_4() {
        var mistakes: [[UInt8]] = []
        for first in UInt8.min...UInt8.max {
            // One ASCII byte at the start is like another.
            if first < 0x80, first != 0x41 { continue }
            for second in UInt8.min...UInt8.max {
                if second < 0x80, second != 0x41, first != 0x41 { continue }
                var prefix = UTF8Validator()
                let isOpen = prefix.accepts([first, second].span)
                let thirds: [UInt8] = isOpen ? Array(.min ... .max) : [0x00, 0x41, 0x80, 0xBF, 0xFF]
                for third in thirds {
                    var validator = prefix
                    let text = [first, second, third]
                    let accepts = validator.accepts([third].span)
                    if (accepts && validator.isAtBoundary) != isValid(text) { mistakes.append(text) }
                    if accepts != reference(text).accepts { mistakes.append(text) }
                }
            }
        }
        #expect(mistakes == [])
    }

    @Test func everyScalarIsAcceptedAndNoSurrogate_RFC3629_3() {
        var text: [UInt8] = []
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            text += UTF8.encode(scalar)!
        }
        #expect(validate(text) == (true, true))
        for value in 0xD800...0xDFFF {
            let surrogate = [0xED, UInt8(0x80 | value >> 6 & 63), UInt8(0x80 | value & 63)]
            let open = Array(surrogate.prefix(2))
            #expect(!validate(open).accepts)
            #expect(!validate(surrogate).accepts)
        }
    }

    /// Prefixes that nothing can follow, refused at once, each with the byte that breaks it last.
    static let impossible = [
        "80", "BF", "C0", "C1", "F5", "FF", "FE", "C2 41", "C2 C2", "E0 80", "E0 9F", "E1 7F", "E1 80 C0", "ED A0",
        "ED BF", "EE 41", "F0 80", "F0 8F", "F0 90 7F", "F1 80 80 FF", "F4 90", "F4 BF", "F4 8F C0", "F8", "FC",
        // After Markus Kuhn's decoder stress test: overlong, beyond U+10FFFF, lonely, cut short by ASCII.
        "C0 80", "C0 AF", "E0 80 AF", "F0 80 80 AF", "F8 80", "FC 80", "E0 9F BF", "F0 8F BF", "F4 90 80 80",
        "E2 82 20", "F0 9F 92 20", "41 C3 20", "61 80", "ED A0 80", "ED AF BF ED B0 80",
    ]

    @Test(arguments: impossible)
    func theFirstByteThatCannotBeIsRefused_6455_8_1(_ hexadecimal: String) {
        let text = bytes(hexadecimal)
        let first = (1...text.count).first { !reference(Array(text.prefix($0))).accepts }!
        // Where the vectors begin and end must not matter, and nothing heals it.
        for before in 0...40 {
            let whole = [UInt8](repeating: 0x61, count: before) + text.prefix(first)
            #expect(validate(Array(whole.dropLast())).accepts)
            #expect(!validate(whole).accepts)
            #expect(!validate(whole + [UInt8](repeating: 0x61, count: 40)).accepts)
        }
        var validator = UTF8Validator()
        let refusal = validator.accepts(text.span)
        let ascii = validator.accepts([0x41].span)
        let nothing = validator.accepts([UInt8]().span)
        #expect(!refusal && !ascii && !nothing && !validator.isAtBoundary)
    }

    @Test(arguments: [
        "C2", "DF", "E0", "E0 A0", "E1 80", "ED", "ED 9F", "EF BF", "F0", "F0 90", "F0 90 80", "F3 BF BF", "F4 8F BF",
    ])
    func whatCanBecomeACharacterIsAcceptedButIsNoEnd(_ hexadecimal: String) {
        for before in 0...40 {
            let whole = [UInt8](repeating: 0x61, count: before) + bytes(hexadecimal)
            #expect(validate(whole) == (true, false))
        }
    }

    @Test func theFirstAndTheLastOfEveryLengthAreAccepted_RFC3629_3() {
        let edges: [UInt32] = [
            0, 0x7F, 0x80, 0x7FF, 0x800, 0xFFF, 0x1000, 0xCFFF, 0xD7FF, 0xE000, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000,
            0x3FFFF,
            0x40000, 0xFFFFF, 0x100000, 0x10FFFF,
        ]
        for edge in edges {
            let text = Array(UTF8.encode(Unicode.Scalar(edge)!)!)
            #expect(validate(text) == (true, true))
            for end in 1..<text.count {
                let begun = Array(text.prefix(end))
                #expect(validate(begun) == (true, false))
            }
        }
    }

    @Test func aTextIsJudgedTheSameHoweverItIsCut_6455_5_4() {
        var chance = Chance(3629)
        let letters = Array("abcdefgh \u{E9}\u{DF}\u{7FF}\u{65E5}\u{672C}\u{FFFD}\u{1F600}\u{10FFFF}".unicodeScalars)
        for round in 0..<1500 {
            // Mostly ASCII, or mostly not.
            let wide = round % 3 == 0 ? letters.count : 9
            var text: [UInt8] = []
            for _ in 0..<Int.random(in: 0...60, using: &chance) {
                text += UTF8.encode(letters[Int.random(in: 0..<wide, using: &chance)])!
            }
            if round % 2 == 0, !text.isEmpty {
                text[Int.random(in: text.indices, using: &chance)] = UInt8(truncatingIfNeeded: chance.next())
            }
            let expected = reference(text)
            #expect(expected.isWhole == isValid(text))
            #expect(validate(text) == expected)
            #expect(validate(text, cuts: Array(text.indices)) == expected)
            for cut in text.indices where validate(text, cuts: [cut]) != expected {
                Issue.record("cut at \(cut): \(text)")
            }
        }
    }
}

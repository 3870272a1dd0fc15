// Tests/WebSocketTests/HashTests.swift — SHA-1 and Base64 against published vectors.

import Bytes
import TestSupport
import Testing

@Suite struct HashTests {
    private func hash(_ text: [UInt8]) -> [UInt8] {
        let hash = SHA1.hash(text.span)
        return array(hash.span)
    }

    private func base64(_ text: [UInt8]) -> String? {
        written { $0.append(base64: text.span) }.map { String(decoding: $0, as: UTF8.self) }
    }

    private func decodedCount(_ text: String) -> Int? {
        Base64.decodedCount(Array(text.utf8).span)
    }

    // MARK: SHA-1

    @Test(arguments: [
        // FIPS 180-2, appendix A
        ("abc", 1, "A9993E36 4706816A BA3E2571 7850C26C 9CD0D89D"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
            "84983E44 1C3BD26E BAAE4AA1 F95129E5 E54670F1"
        ),
        ("a", 1_000_000, "34AA973C D4C4DAA4 F61EEB2B DBAD2731 6534016F"),
        // RFC 3174 §7.3
        (
            "0123456701234567012345670123456701234567012345670123456701234567", 10,
            "DEA356A2 CDDD90C7 A7ECEDC5 EBB56393 4F460452"
        ),
        // NIST's example of the empty message
        ("", 1, "DA39A3EE 5E6B4B0D 3255BFEF 95601890 AFD80709"),
    ])
    func theHashesOfRFC3174(_ text: String, _ times: Int, _ expected: String) {
        let message = [[UInt8]](repeating: Array(text.utf8), count: times).flatMap { $0 }
        #expect(hash(message) == bytes(expected))
    }

    /// From Python's hashlib: the hashes of n times the letter "x", one after the other and hashed.
    @Test func everyLengthAroundABlockIsPadded_RFC3174_4() {
        var all: [UInt8] = []
        for count in 0...130 { all += hash([UInt8](repeating: 0x78, count: count)) }
        #expect(hash(all) == bytes("C8AAE944 27EF2BC2 653160A5 19717006 8F5FC9FD"))
    }

    // MARK: Base64

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func theTextsOfRFC4648_10(_ text: String, _ encoded: String) {
        #expect(base64(Array(text.utf8)) == encoded)
        #expect(decodedCount(encoded) == text.utf8.count)
    }

    @Test func allLettersOfTheAlphabetAreWrittenAndRead_RFC4648_4() {
        // 64 letters in order are the 48 bytes of 0, 1, 2 … 63 in six bits each.
        var packed: [UInt8] = []
        for first in stride(from: 0, to: 64, by: 4) {
            let group = first << 18 | (first + 1) << 12 | (first + 2) << 6 | (first + 3)
            packed += [UInt8(group >> 16), UInt8(group >> 8 & 255), UInt8(group & 255)]
        }
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        #expect(base64(packed) == letters)
        #expect(decodedCount(letters) == 48)
        for byte in UInt8.min...UInt8.max {
            let isLetter = letters.utf8.contains(byte)
            let text: [UInt8] = [0x41, 0x41, 0x41, byte]
            let count = Base64.decodedCount(text.span)
            #expect(count == (isLetter ? 3 : byte == UInt8(ascii: "=") ? 2 : nil))
        }
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zm9", "Zm9vZ", "Zm9vYg=",  // no whole group
        "=", "==", "===", "====", "Z===", "A===", "Zg==Zg==", "Z=g=", "=Zg=", "Zm8==", "Zm9v====",  // padding misplaced
        "Zm9v\n", "Zm 9v", "Zm9v YmFy", "Zm-_", "Zm9\u{E9}", "Zm8\u{0}",  // other letters
        "Zh==", "Zv==", "Zm9=", "Zm/=",  // bits left over that are not zero
    ])
    func whatIsNotBase64IsRefused_RFC4648_3(_ text: String) {
        #expect(decodedCount(text) == nil)
    }

    @Test func whatIsWrittenIsRead() {
        var chance = Chance(4648)
        for count in 0...100 {
            let encoded = base64(chance.bytes(count))
            #expect(encoded?.utf8.count == (count + 2) / 3 * 4)
            #expect(encoded.flatMap { decodedCount($0) } == count)
        }
    }
}

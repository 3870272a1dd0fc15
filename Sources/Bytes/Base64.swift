// Sources/Bytes/Base64.swift — Base64 with the standard alphabet and padding (RFC 4648 §4).

/// Strict reading of Base64.
package enum Base64 {
    /// How many bytes `text` stands for; nil if it is not Base64.
    ///
    /// Base64 consists of whole groups of four letters of the alphabet, the last one padded with one or two "=" if
    /// necessary, and the bits that the padding leaves over are zero. So only one text stands for the same bytes.
    /// Cost: one pass.
    package static func decodedCount(_ text: Span<UInt8>) -> Int? {
        guard text.count % 4 == 0 else { return nil }
        var end = text.count
        while end > 0, text.count &- end < 2, text[end &- 1] == UInt8(ascii: "=") { end &-= 1 }
        var last: UInt8 = 0
        for index in 0..<end {
            guard let value = value(of: text[index]) else { return nil }
            last = value
        }
        // One "=" leaves two bits over, two leave four.
        let padding = text.count &- end
        guard last & ((1 &<< (padding &* 2)) &- 1) == 0 else { return nil }
        return text.count / 4 &* 3 &- padding
    }

    /// What a letter of the alphabet stands for.
    @inline(__always)
    private static func value(of letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): letter &- 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): letter &- 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): letter &+ 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}

extension ByteWriter {
    /// Appends `bytes` as Base64: four letters for three bytes, the last ones padded with "=".
    @inline(never)
    package mutating func append(base64 bytes: Span<UInt8>) {
        var index = 0
        while index < bytes.count {
            var group: UInt32 = 0
            for place in index..<index &+ 3 { group = group &<< 8 | (place < bytes.count ? UInt32(bytes[place]) : 0) }
            // Three bytes are four letters, two are three, one is two.
            let letters = Swift.min(bytes.count &- index, 3) &+ 1
            for letter in 0..<4 {
                let value = Int(group &>> UInt32(18 &- letter &* 6)) & 63
                append(letter < letters ? alphabet.bytes[value] : UInt8(ascii: "="))
            }
            index &+= 3
        }
    }
}

/// The 64 letters in the order of their values.
private let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// Sources/Bytes/SHA1.swift — the hash of the WebSocket handshake.

/// SHA-1 (RFC 3174), for `Sec-WebSocket-Accept` and nothing else: it is broken as a signature.
///
/// Written to be small: a handshake hashes 60 bytes.
package enum SHA1 {
    /// The hash of `bytes`. Cost: about 300 ns for each 64 bytes; no allocation.
    @inline(never)
    package static func hash(_ bytes: Span<UInt8>) -> [20 of UInt8] {
        var state: [5 of UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        // The text, a bit 1, and the length of 64 bits, filled up with zeros between them (§4).
        let end = (bytes.count &+ 9 &+ 63) & ~63
        var position = 0
        while position < end {
            var words: [16 of UInt32] = .init(repeating: 0)
            for index in 0..<16 { words[index] = paddedWord(position &+ index &* 4, bytes, end) }
            compress(&words, into: &state)
            position &+= 64
        }
        var hash: [20 of UInt8] = .init(repeating: 0)
        for index in 0..<20 {
            hash[index] = UInt8(truncatingIfNeeded: state[index / 4] &>> UInt32(24 &- index % 4 &* 8))
        }
        return hash
    }

    /// The four bytes from `start` on of the text with its padding, which is `end` bytes long, as a number.
    @inline(__always)
    private static func paddedWord(_ start: Int, _ bytes: Span<UInt8>, _ end: Int) -> UInt32 {
        if start &+ 4 <= bytes.count { return bytes.word32(at: start).byteSwapped }
        if start &+ 8 == end { return UInt32(truncatingIfNeeded: (bytes.count &* 8) &>> 32) }
        if start &+ 4 == end { return UInt32(truncatingIfNeeded: bytes.count &* 8) }
        var word: UInt32 = 0
        for index in start..<start &+ 4 {
            let byte: UInt8 = index < bytes.count ? bytes[index] : index == bytes.count ? 0x80 : 0
            word = word &<< 8 | UInt32(byte)
        }
        return word
    }

    /// Takes a block into the state (§6.2: the words are a ring of 16, and made when they are needed).
    @inline(__always)
    private static func compress(_ words: inout [16 of UInt32], into state: inout [5 of UInt32]) {
        var a = state[0]
        var b = state[1]
        var c = state[2]
        var d = state[3]
        var e = state[4]
        for step in 0..<80 {
            let place = step & 15
            if step >= 16 {
                let mixed = words[(step &+ 13) & 15] ^ words[(step &+ 8) & 15] ^ words[(step &+ 2) & 15] ^ words[place]
                words[place] = rotated(mixed, 1)
            }
            let mix: UInt32
            switch step / 20 {
            case 0: mix = (b & c | ~b & d) &+ 0x5A82_7999
            case 1: mix = (b ^ c ^ d) &+ 0x6ED9_EBA1
            case 2: mix = (b & c | b & d | c & d) &+ 0x8F1B_BCDC
            default: mix = (b ^ c ^ d) &+ 0xCA62_C1D6
            }
            let sum = rotated(a, 5) &+ mix &+ e &+ words[place]
            (a, b, c, d, e) = (sum, a, rotated(b, 30), c, d)
        }
        state[0] &+= a
        state[1] &+= b
        state[2] &+= c
        state[3] &+= d
        state[4] &+= e
    }

    /// The bits of `word`, moved up by `bits`, around the end.
    @inline(__always)
    private static func rotated(_ word: UInt32, _ bits: UInt32) -> UInt32 { word &<< bits | word &>> (32 &- bits) }
}

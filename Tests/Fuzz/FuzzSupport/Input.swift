// Tests/Fuzz/FuzzSupport/Input.swift — an input of a fuzzer: three bytes that say how to read the others.

/// What libFuzzer hands over, taken apart.
///
///     | limits | mode | cuts | bytes of a connection ...
public struct Input {
    /// How narrow the limits are, for the target to make something of.
    public let limits: UInt8
    /// Which of its ways the target goes, one for each bit.
    public let mode: UInt8
    /// What the client sent.
    public let bytes: [UInt8]
    private let seed: UInt8

    /// Takes an input apart; nil if it is too short.
    public init?(_ base: UnsafePointer<UInt8>?, _ count: Int) {
        // SAFETY: libFuzzer's input has `count` bytes, and is copied before its call ends.
        let all = unsafe Array(UnsafeBufferPointer(start: base, count: count))
        guard all.count >= 3 else { return nil }
        (limits, mode, seed) = (all[0], all[1], all[2])
        bytes = Array(all[3...])
    }

    /// In what pieces the bytes are tried, besides whole: where these end. One by one, and as the input's seed says.
    public var cuttings: [[Int]] {
        let shortEnough = bytes.count <= 512
        return (shortEnough ? [Array(0..<bytes.count)] : []) + [seededCuts]
    }

    /// Pieces of random lengths: short or long ones, by the seed.
    private var seededCuts: [Int] {
        var state = UInt32(seed) &* 0x9E37_79B9 | 1
        var cuts: [Int] = []
        var place = 0
        while true {
            state ^= state << 13
            state ^= state >> 17
            state ^= state << 5
            place += 1 + Int(state >> 8) % (1 + Int(seed))
            guard place < bytes.count else { return cuts }
            cuts.append(place)
        }
    }
}

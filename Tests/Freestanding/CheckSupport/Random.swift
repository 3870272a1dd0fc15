// Tests/Freestanding/CheckSupport/Random.swift — numbers without a pattern, and the same in each run.

/// Xorshift (G. Marsaglia, *Xorshift RNGs*, J. Statistical Software 8, 2003).
public struct Random {
    private var state: UInt64

    /// The sequence of a seed.
    public init(seed: Int) { state = UInt64(truncatingIfNeeded: seed &+ 1) &* 0x9e37_79b9_7f4a_7c15 }

    /// The next number of 64 bits.
    public mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    /// The next number below `bound`.
    public mutating func next(below bound: Int) -> Int { Int(truncatingIfNeeded: next() >> 33) % bound }
}

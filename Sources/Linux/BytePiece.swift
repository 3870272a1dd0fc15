// Sources/Linux/BytePiece.swift — one of several pieces that are sent as one.

/// Where some bytes lie: the kernel's `struct iovec` (readv(2)).
@unsafe @frozen public struct BytePiece {
    /// First of the bytes.
    public let start: UnsafePointer<UInt8>
    /// How many they are.
    public let count: Int

    /// `count` bytes at `start`.
    @inline(__always)
    public init(_ start: UnsafePointer<UInt8>, _ count: Int) {
        unsafe self.start = start
        unsafe self.count = count
    }
}

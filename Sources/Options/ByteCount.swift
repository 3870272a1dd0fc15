// Sources/Options/ByteCount.swift — sizes.

/// A number of bytes.
@frozen public struct ByteCount: Sendable, Equatable, Comparable {
    /// How many bytes; not negative.
    public var rawValue: Int

    /// A size of `rawValue` bytes.
    @inline(__always)
    public init(_ rawValue: Int) { self.rawValue = rawValue }

    /// A size of `count` times 1024 bytes.
    @inline(__always)
    public static func kibibytes(_ count: Int) -> ByteCount { ByteCount(count << 10) }

    /// A size of `count` times 1024 times 1024 bytes.
    @inline(__always)
    public static func mebibytes(_ count: Int) -> ByteCount { ByteCount(count << 20) }

    /// Whether `left` is the smaller size.
    @inline(__always)
    public static func < (left: ByteCount, right: ByteCount) -> Bool { left.rawValue < right.rawValue }
}

// Sources/Options/Milliseconds.swift — spans of time.

/// A span of time, in milliseconds.
///
/// Swift's own `Duration` counts attoseconds in 128 bits, which costs a program code that no timeout needs.
@frozen public struct Milliseconds: Sendable, Equatable, Comparable {
    /// How many milliseconds; not negative.
    public var rawValue: Int

    /// A span of `rawValue` milliseconds.
    @inline(__always)
    public init(_ rawValue: Int) { self.rawValue = rawValue }

    /// A span of `count` seconds.
    @inline(__always)
    public static func seconds(_ count: Int) -> Milliseconds { Milliseconds(count * 1000) }

    /// Whether `left` is the shorter span.
    @inline(__always)
    public static func < (left: Milliseconds, right: Milliseconds) -> Bool { left.rawValue < right.rawValue }
}

// Sources/HTTP/RoutePattern.swift — patterns of paths, with parameters.

import Bytes

/// What stood in a path in place of a pattern's parameters, in order.
public struct RouteParameters: Equatable, Sendable {
    private var ranges: [4 of ByteRange] = .init(repeating: .absent)
    /// Number of parameters.
    public private(set) var count = 0

    /// No parameters.
    @inline(__always)
    public init() {
        precondition(ranges.count == Config.maxRouteParameters)
    }

    /// Where parameter `index`, `0..<count`, lies in the path that was matched. It is still percent-encoded.
    public subscript(index: Int) -> ByteRange {
        precondition(index < count)
        return ranges[index]
    }

    /// Whether all parameters lie at the same places.
    public static func == (left: RouteParameters, right: RouteParameters) -> Bool {
        guard left.count == right.count else { return false }
        for index in 0..<left.count where left.ranges[index] != right.ranges[index] { return false }
        return true
    }

    mutating func append(_ range: ByteRange) {
        precondition(count < ranges.count, "too many parameters in a pattern")
        ranges[count] = range
        count += 1
    }
}

/// Compares paths with patterns, segment by segment.
enum RoutePattern {
    /// Whether a segment of `pattern` is a parameter or the final `*`.
    static func hasParameters(_ pattern: Span<UInt8>) -> Bool {
        for index in 1..<pattern.count where pattern[index - 1] == UInt8(ascii: "/") {
            if pattern[index] == UInt8(ascii: ":") || isRest(pattern, index) { return true }
        }
        return false
    }

    /// Whether `path` matches; `parameters` are valid after true only.
    static func match(_ pattern: Span<UInt8>, _ path: Span<UInt8>, _ parameters: inout RouteParameters) -> Bool {
        parameters = RouteParameters()
        var here = 0
        var there = 0
        while here < pattern.count {
            let beginsSegment = here > 0 && pattern[here - 1] == UInt8(ascii: "/")
            if beginsSegment, isRest(pattern, here) {
                parameters.append(ByteRange(there, path.count))
                return true
            }
            if beginsSegment, pattern[here] == UInt8(ascii: ":") {
                let end = endOfSegment(path, there)
                guard end > there else { return false }
                parameters.append(ByteRange(there, end))
                here = endOfSegment(pattern, here)
                there = end
            } else {
                guard there < path.count, path[there] == pattern[here] else { return false }
                here += 1
                there += 1
            }
        }
        return there == path.count
    }

    /// Whether the segment that begins at `index` is a `*` that ends the pattern.
    private static func isRest(_ pattern: Span<UInt8>, _ index: Int) -> Bool {
        index == pattern.count - 1 && pattern[index] == UInt8(ascii: "*")
    }

    private static func endOfSegment(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        bytes.firstIndex(of: UInt8(ascii: "/"), in: start..<bytes.count)
    }
}

// Sources/HTTP/RouteTable.swift — from method and path to a route.

import Bytes

/// What a path matched.
package struct RouteMatch: Equatable, Sendable {
    /// Which route: 0 for the first that was added.
    package let index: Int
    /// What stood in place of each `:name` and of the final `*`, as ranges of the path that was matched.
    package let parameters: RouteParameters
}

/// The answer of a route table.
package enum RouteResult: Equatable, Sendable {
    /// A route takes the request.
    case found(RouteMatch)
    /// The path is known, but not with this method: 405 with `Allow`; or 204 with `Allow`, if the method is OPTIONS.
    /// For the path `*` the methods are those of all routes.
    case methodNotAllowed(MethodSet)
    /// No route has such a path: 404.
    case notFound
    /// The server does not know the method: 501.
    case methodUnknown
}

/// A list of at most ``Config/maxRoutes`` methods and path patterns.
///
/// Patterns, in the order of precedence if several match:
/// 1. a literal path, `/healthz`;
/// 2. in the order in which they were added: paths with parameters, `/user/:id`, where a parameter is a segment that is
///    not empty, and with `*` as last segment, `/files/*`, which takes all that follows the slash, be it empty.
///
/// Paths are compared byte by byte as they were sent: no percent-decoding, no removal of dot segments or double
/// slashes, so one resource has one path, and no two layers can disagree about it. A handler that opens files by a
/// parameter must decode it with ``PercentDecoding`` and refuse dot segments. A GET route also takes HEAD. Cost: some
/// nanoseconds for up to 32 routes; lengths and first bytes are compared first.
package struct RouteTable: Sendable {
    private struct Route {
        let pattern: StaticString
        let method: Method
        let isLiteral: Bool

        @inline(__always)
        func takes(_ method: Method) -> Bool {
            self.method == method || (self.method == .get && method == .head)
        }

        @inline(never)
        func allow(in allowed: inout MethodSet) {
            allowed.insert(.options)
            allowed.insert(method)
            if method == .get { allowed.insert(.head) }
        }
    }

    private var routes: [Route] = []
    /// Number of routes.
    package var count: Int { routes.count }

    /// An empty table.
    package init() {}

    /// Adds a route and returns its index. Traps on a pattern that does not begin with a slash, and if the table is
    /// full.
    @discardableResult
    package mutating func add(_ method: Method, _ pattern: StaticString) -> Int {
        precondition(count < Config.maxRoutes, "too many routes")
        precondition(pattern.bytes.starts(with: "/"), "a pattern begins with a slash")
        precondition(method != .other, "a route needs a known method")
        routes.append(
            Route(pattern: pattern, method: method, isLiteral: !RoutePattern.hasParameters(pattern.bytes)))
        return count - 1
    }

    /// Finds the route for a request; `path` is the raw path without query.
    package func match(_ method: Method, _ path: Span<UInt8>) -> RouteResult {
        // CONNECT asks for a tunnel, which no route is.
        guard method != .other, method != .connect else { return .methodUnknown }
        var allowed = MethodSet()
        if path.equals("*") {
            for index in 0..<count { routes[index].allow(in: &allowed) }
            return .methodNotAllowed(allowed)
        }
        for index in 0..<count {
            let route = routes[index]
            guard route.isLiteral, path.equals(route.pattern) else { continue }
            if route.takes(method) { return .found(RouteMatch(index: index, parameters: RouteParameters())) }
            route.allow(in: &allowed)
        }
        var parameters = RouteParameters()
        for index in 0..<count {
            let route = routes[index]
            guard !route.isLiteral, RoutePattern.match(route.pattern.bytes, path, &parameters) else { continue }
            if route.takes(method) { return .found(RouteMatch(index: index, parameters: parameters)) }
            route.allow(in: &allowed)
        }
        return allowed.isEmpty ? .notFound : .methodNotAllowed(allowed)
    }
}

/// What stood in a path in place of a pattern's parameters, in order.
package struct RouteParameters: Equatable, Sendable {
    private var ranges: [4 of ByteRange] = .init(repeating: .absent)
    /// Number of parameters.
    package private(set) var count = 0

    /// No parameters.
    @inline(__always)
    package init() {
        precondition(ranges.count == Config.maxRouteParameters)
    }

    /// Where parameter `index`, `0..<count`, lies in the path that was matched. It is still percent-encoded.
    package subscript(index: Int) -> ByteRange {
        precondition(index < count)
        return ranges[index]
    }

    /// Whether all parameters lie at the same places.
    package static func == (left: RouteParameters, right: RouteParameters) -> Bool {
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

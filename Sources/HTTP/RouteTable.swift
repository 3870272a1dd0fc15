// Sources/HTTP/RouteTable.swift — from method and path to a route.

import Bytes

/// What a path matched.
public struct RouteMatch: Equatable, Sendable {
    /// Which route: 0 for the first that was added.
    public let index: Int
    /// What stood in place of each `:name` and of the final `*`, as ranges of the path that was matched.
    public let parameters: RouteParameters
}

/// The answer of a route table.
public enum RouteResult: Equatable, Sendable {
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
public struct RouteTable: Sendable {
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
    public var count: Int { routes.count }

    /// An empty table.
    public init() {}

    /// Adds a route and returns its index. Traps on a pattern that does not begin with a slash, and if the table is
    /// full.
    @discardableResult
    public mutating func add(_ method: Method, _ pattern: StaticString) -> Int {
        precondition(count < Config.maxRoutes, "too many routes")
        precondition(pattern.bytes.starts(with: "/"), "a pattern begins with a slash")
        precondition(method != .other, "a route needs a known method")
        routes.append(
            Route(pattern: pattern, method: method, isLiteral: !RoutePattern.hasParameters(pattern.bytes)))
        return count - 1
    }

    /// Finds the route for a request; `path` is the raw path without query.
    public func match(_ method: Method, _ path: Span<UInt8>) -> RouteResult {
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

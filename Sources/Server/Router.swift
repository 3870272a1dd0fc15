// Sources/Server/Router.swift — which handler answers which request.

import Bytes
import HTTP
import Options

/// Answers one request. It may suspend for as long as it wants; requests of other connections go on meanwhile.
///
/// An error that it throws ends the connection, since no peer is left to answer.
public typealias Handler = @Sendable (Exchange) async throws(ExchangeError) -> Void

/// The routes of a server: set up first, then shared by all workers.
///
///     let router = Router()
///     router.on(.get, "/hello/:name") { exchange in
///         try await exchange.respond(.ok, contentType: "text/plain", "hello\n")
///     }
///
/// Patterns are those of `RouteTable`. Requests that no route takes are answered 404, 405 with `Allow`, or 501.
public final class Router: @unchecked Sendable {
    // SHARED: changed before the workers run, then only read.

    /// What a route does.
    enum Action {
        case handler(Handler)
        /// The same answer to every client, by its number among the fixed ones.
        case fixed(Int)
        /// An upgrade to another protocol, by its number among those routes.
        case upgrade(Int)
    }

    /// A route of the table, by its index there.
    struct Route {
        let pattern: StaticString
        let action: Action
    }

    private(set) var table = RouteTable()
    private(set) var routes: [Route] = []
    /// How long the handler of each route may take; nil: as long as the server's settings say.
    private(set) var timeouts: [Milliseconds?] = []
    private(set) var fixed: [FixedContent] = []
    private(set) var upgrades: [UpgradeRoute] = []

    /// A router without routes.
    public init() {}

    /// Lets `handler` answer requests with this method and path. GET routes answer HEAD too.
    ///
    /// - Parameter timeout: how long the handler may take, all of its response included; 0: any time; nil:
    ///   `ServerSettings.handlerTimeout`. Then it is cancelled, and the client is answered 503 if nothing was sent yet.
    public func on(
        _ method: Method, _ pattern: StaticString, timeout: Milliseconds? = nil, _ handler: @escaping Handler
    ) {
        add(method, pattern, .handler(handler), timeout)
    }

    /// Answers GET and HEAD of this path with content that never changes: 200, or 304 if `If-None-Match` matches. The
    /// responses are built once for each worker, and sent without running a handler.
    public func on(_ pattern: StaticString, _ content: FixedContent) {
        fixed.append(content)
        add(.get, pattern, .fixed(fixed.count - 1))
    }

    func add(_ route: UpgradeRoute) {
        upgrades.append(route)
        add(.get, route.pattern, .upgrade(upgrades.count - 1))
    }

    private func add(_ method: Method, _ pattern: StaticString, _ action: Action, _ timeout: Milliseconds? = nil) {
        table.add(method, pattern)
        routes.append(Route(pattern: pattern, action: action))
        timeouts.append(timeout)
    }
}

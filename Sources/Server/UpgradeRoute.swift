// Sources/Server/UpgradeRoute.swift — a route whose connections leave HTTP for another protocol.

import HTTP
import Net

/// What serves the connections of one route from their upgrade on (RFC 9110 §7.8).
///
/// A router stores it when the route is registered, and HTTP reaches it by these methods only: a program without such a
/// route links nothing of the other protocol. One connection's state is in the top half of
/// `ConnectionHandler.protocolState`: its highest bit is set, and its lowest eight hold the route's number.
class UpgradeRoute: @unchecked Sendable {
    // SHARED: not changed once the workers run.

    /// The path that it is registered for.
    let pattern: StaticString

    init(_ pattern: StaticString) { self.pattern = pattern }

    /// Answers with 101, and serves the connection as far as it goes at once.
    ///
    /// - Parameter number: the route's among the router's upgrades.
    /// - Returns: false if nothing was sent, because the request is one to ``refuse(_:)``.
    func upgrade(
        _ connection: HTTPConnectionHandler, _ number: Int, _ match: RouteMatch
    ) async throws(ExchangeError) -> Bool { false }

    /// Answers a request that is not upgraded. There is room.
    func refuse(_ connection: HTTPConnectionHandler) {}

    /// As `ConnectionHandler.serveWithoutSuspending()`.
    func serveWithoutSuspending(_ connection: HTTPConnectionHandler) -> Bool { true }

    /// As `ConnectionHandler.serve()`.
    func serve(_ connection: HTTPConnectionHandler) async {}

    /// How long, in milliseconds, an idle connection may be silent.
    func idleTimeout(_ protocolState: UInt32, _ settings: ServerSettings, _ drainDelay: Int?) -> Int {
        settings.idleTimeout.rawValue
    }
}

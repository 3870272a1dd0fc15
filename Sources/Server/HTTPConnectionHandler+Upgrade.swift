// Sources/Server/HTTPConnectionHandler+Upgrade.swift — from HTTP to WebSocket (RFC 6455 §4.2).

import Bytes
import HTTP
import Net
import WebSocket

extension HTTPConnectionHandler {
    /// Answers a request for a WebSocket route.
    ///
    /// - Returns: whether the connection was a WebSocket from then on, and has been served as such; else the request is
    ///   answered like any other that is refused.
    func upgrade(to index: Int, _ match: RouteMatch, _ exchange: Exchange) async throws(ExchangeError) -> Bool {
        guard !isDraining, refusal(exchange) == nil else { return false }
        let route = context.router.webSockets[index]
        exchange.parameters = match.parameters
        let subprotocol = route.options.chooseSubprotocol?(exchange)
        try await exchange.makeRoom(Config.maxResponseHead)
        guard let key = exchange.head.field(.webSocketKey, in: input) else { return false }
        output.append(switchingProtocolsFor: key, subprotocol: subprotocol)
        exchange.answered(.switchingProtocols, bodyBytes: 0, keepsAlive: true)
        note(match, exchange)
        accessLog.flush()
        await socket.open(index, subprotocol: subprotocol, requestLength: exchange.head.length)
        return true
    }

    /// Why the request is not answered by an upgrade; nil if it is.
    func refusal(_ exchange: Exchange) -> HandshakeProblem? {
        let origins = context.settings.allowedOrigins
        return Handshake.judge(exchange.head, in: input, allowedOrigins: origins.span)
    }

    /// Answers a request for a WebSocket that is none, or a wrong one, or comes when the process is ending.
    func refuseUpgrade(_ exchange: Exchange) {
        let problem = refusal(exchange)
        refuse(problem?.status ?? .serviceUnavailable, exchange, fields: problem?.fields ?? "")
    }
}

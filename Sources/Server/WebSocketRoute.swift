// Sources/Server/WebSocketRoute.swift — what a router does with WebSockets.

import Bytes
import HTTP
import Net
import Primitives
import Runtime
import WebSocket

/// Deals with a message of a WebSocket, or with the whole of its life. It may wait for whatever it likes: meanwhile
/// nothing more is received from the peer.
public typealias WebSocketHandler = @Sendable (WebSocket) async throws(WebSocketError) -> Void

/// Chooses one of the subprotocols that a client offers, by `Exchange.offersSubprotocol(_:)`; nil for none.
public typealias SubprotocolChoice = @Sendable (Exchange) -> StaticString?

/// How the WebSockets of a route begin.
public struct WebSocketOptions: Sendable {
    /// A text message that is sent when the WebSocket is open; empty for none.
    public var greeting: StaticString = ""
    /// Chooses the subprotocol (RFC 6455 §1.9); nil for none ever.
    public var chooseSubprotocol: SubprotocolChoice?

    /// No greeting and no subprotocol.
    public init() {}
}

/// A route whose connections become WebSockets (RFC 6455 §4.2).
final class WebSocketRoute: UpgradeRoute, @unchecked Sendable {
    enum Action {
        /// Each message is sent back, in the opcode in which it came.
        case echo
        /// Called for each message. In between there is no task: an idle WebSocket is nothing but its slot.
        case message(WebSocketHandler)
        /// Called once; the WebSocket lasts as long as the call.
        case session(WebSocketHandler)
    }

    let action: Action
    let options: WebSocketOptions

    init(_ pattern: StaticString, _ action: Action, _ options: WebSocketOptions) {
        self.action = action
        self.options = options
        super.init(pattern)
        makeImmortal(self)
    }

    var isEcho: Bool { if case .echo = action { true } else { false } }

    override func upgrade(
        _ connection: HTTPConnectionHandler, _ number: Int, _ match: RouteMatch
    ) async throws(ExchangeError) -> Bool {
        let exchange = connection.exchange
        guard !connection.isDraining, problem(connection) == nil else { return false }
        exchange.parameters = match.parameters
        let subprotocol = options.chooseSubprotocol?(exchange)
        try await exchange.makeRoom(Config.maxResponseHead)
        guard let key = exchange.head.field(.webSocketKey, in: connection.input) else { return false }
        connection.output.append(switchingProtocolsFor: key, subprotocol: subprotocol)
        exchange.answered(.switchingProtocols, bodyBytes: 0, keepsAlive: true)
        connection.note(match)
        connection.context.accessLog?.flush()
        await connection.socket.open(self, number, subprotocol: subprotocol, requestLength: exchange.head.length)
        return true
    }

    /// Answers a request for a WebSocket that is none, or a wrong one, or comes when the process is ending.
    override func refuse(_ connection: HTTPConnectionHandler) {
        let problem = problem(connection)
        connection.refuse(problem?.status ?? .serviceUnavailable, fields: problem?.fields ?? "")
    }

    /// Why the request is not answered by an upgrade; nil if it is.
    private func problem(_ connection: HTTPConnectionHandler) -> HandshakeProblem? {
        let origins = connection.context.settings.allowedOrigins
        return Handshake.judge(connection.exchange.head, in: connection.input, allowedOrigins: origins.span)
    }

    override func serveWithoutSuspending(_ connection: HTTPConnectionHandler) -> Bool {
        connection.socket.serveWithoutSuspending(self)
    }

    override func serve(_ connection: HTTPConnectionHandler) async { await connection.socket.serve(self) }

    override func idleTimeout(_ protocolState: UInt32, _ settings: ServerSettings, _ drainDelay: Int?) -> Int {
        IdleWebSocketState(protocolState).idleTimeout(settings, drainDelay)
    }
}

extension Router {
    /// Sends every message of WebSockets with this path back to its sender. No handler runs: it is the fastest route.
    public func echo(_ pattern: StaticString, _ options: WebSocketOptions = WebSocketOptions()) {
        add(WebSocketRoute(pattern, .echo, options))
    }

    /// Calls `handler` for each message of WebSockets with this path, with the message in ``WebSocket/message``.
    ///
    ///     router.webSocket("/shout") { socket throws(WebSocketError) in
    ///         try await socket.send(text: socket.message)
    ///     }
    public func webSocket(
        _ pattern: StaticString, _ options: WebSocketOptions = WebSocketOptions(),
        _ handler: @escaping WebSocketHandler
    ) {
        add(WebSocketRoute(pattern, .message(handler), options))
    }

    /// Calls `handler` once for each WebSocket with this path. It receives with ``WebSocket/receive()``, and when it
    /// returns the WebSocket is closed with 1000. An open one keeps its task, and so more memory than one between two
    /// calls of a handler for messages.
    ///
    ///     router.webSocketSession("/count") { socket throws(WebSocketError) in
    ///         var count: UInt8 = 0
    ///         while try await socket.receive() {
    ///             count &+= 1
    ///             …
    ///         }
    ///     }
    public func webSocketSession(
        _ pattern: StaticString, _ options: WebSocketOptions = WebSocketOptions(),
        _ handler: @escaping WebSocketHandler
    ) {
        add(WebSocketRoute(pattern, .session(handler), options))
    }
}

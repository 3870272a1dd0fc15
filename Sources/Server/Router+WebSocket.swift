// Sources/Server/Router+WebSocket.swift — registering routes of WebSockets.
//
// Apart from Router.swift, so that a program without WebSockets links none of their code.

import Bytes
import WebSocket

/// Chooses one of the subprotocols that a client offers, by `Exchange.offersSubprotocol(_:)`; nil for none.
public typealias SubprotocolChoice = @Sendable (Exchange<ExchangeError>) -> StaticString?

/// How the WebSockets of a route begin.
public struct WebSocketOptions: Sendable {
    /// A text message that is sent when the WebSocket is open; empty for none.
    public var greeting: StaticString = ""
    /// Chooses the subprotocol (RFC 6455 §1.9); nil for none ever.
    public var chooseSubprotocol: SubprotocolChoice?

    /// Most bytes that wait for a WebSocket's peer from its ``WebSocketSender``, beside what is on the way to it
    /// already. A message takes about 60 bytes beside its payload.
    public var sendQueue = Config.webSocketSendQueue

    /// No greeting and no subprotocol.
    public init() {}
}

extension Router {
    /// Sends every message of WebSockets with this path back to its sender. No handler runs: it is the fastest route.
    public func echo(_ pattern: StaticString, _ options: WebSocketOptions = WebSocketOptions()) {
        add(WebSocketRoute(pattern, .echo, options))
    }

    /// Calls `handler` for each message of WebSockets with this path, with the message in ``WebSocket/message``. It may
    /// suspend for as long as it wants; meanwhile nothing more is received from the peer. An error that it throws
    /// closes the WebSocket, as ``SessionError`` says.
    ///
    ///     router.webSocket("/shout") { socket throws(WebSocketError) in
    ///         try await socket.send(text: socket.message)
    ///     }
    public func webSocket<Failure: SessionError>(
        _ pattern: StaticString, _ options: WebSocketOptions = WebSocketOptions(),
        _ handler: @escaping @Sendable (WebSocket<Failure>) async throws(Failure) -> Void
    ) {
        add(WebSocketRoute(pattern, .message(TypedWebSocketHandler(handler)), options))
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
    public func webSocketSession<Failure: SessionError>(
        _ pattern: StaticString, _ options: WebSocketOptions = WebSocketOptions(),
        _ handler: @escaping @Sendable (WebSocket<Failure>) async throws(Failure) -> Void
    ) {
        add(WebSocketRoute(pattern, .session(TypedWebSocketHandler(handler)), options))
    }
}

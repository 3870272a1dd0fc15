// Sources/Options/ServerSettings.swift — times and limits of HTTP and WebSocket.

import Bytes

/// What holds for all requests and WebSockets of a server.
public struct ServerSettings: Sendable {
    /// How long a connection may be silent between two requests.
    public var idleTimeout = Milliseconds(Config.idleTimeout)
    /// How long a request's head may take from its first byte to its last: then 408.
    public var requestTimeout = Milliseconds(Config.requestTimeout)
    /// How long a route's handler may take, all of its response included; 0: any time. Then it is cancelled, and its
    /// client is answered with 503, if nothing was sent yet.
    public var handlerTimeout = Milliseconds(Config.handlerTimeout)
    /// Longest request target; a longer one is answered with 414.
    public var maxRequestTarget = ByteCount(Config.maxRequestTarget)
    /// Longest head of a request; a longer one is answered with 431.
    public var maxRequestHead = ByteCount(Config.maxRequestHead)
    /// Most header fields of a request; more are answered with 431.
    public var maxHeaderFields = Config.maxHeaderFields
    /// Largest body of a request; a larger one is answered with 413.
    public var maxRequestBody = ByteCount(Config.maxRequestBody)
    /// From which origins (RFC 6454) WebSockets may be opened, with a space between them; empty: from all.
    public var allowedOrigins: [UInt8] = []
    /// How long a WebSocket may be silent before it is sent a Ping.
    public var pingInterval = Milliseconds(Config.pingInterval)
    /// How long it may be silent after the Ping: then 1011.
    public var pingTimeout = Milliseconds(Config.pingTimeout)
    /// How long the peer has to answer a Close frame.
    public var closeTimeout = Milliseconds(Config.closeTimeout)
    /// Largest message of a WebSocket, all its fragments together; a larger one ends it with 1009.
    public var maxMessage = ByteCount(Config.maxMessage)
    /// Largest frame of a WebSocket; a larger one ends it with 1009.
    public var maxFrame = ByteCount(Config.maxFrame)
    /// What the log says of each request.
    public var accessLog = AccessLogFormat.tag

    /// The defaults of `Config`.
    public init() {}
}

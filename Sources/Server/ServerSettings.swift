// Sources/Server/ServerSettings.swift — times and limits of HTTP.

import Bytes
import HTTP
import WebSocket

/// What holds for all requests of a server. Times in milliseconds.
public struct ServerSettings: Sendable {
    /// Limits on a request's head.
    public var limits = RequestLimits()
    /// Largest body, in bytes; larger ones are answered with 413.
    public var maxBody = UInt64(Config.maxRequestBody)
    /// How long a request's head may take from its first byte to its last: then 408.
    public var requestTimeout = Config.requestTimeout
    /// What the log says of each request.
    public var accessLog = AccessLogStyle.off
    /// How long a connection may be silent between two requests.
    public var idleTimeout = Config.idleTimeout
    /// Limits on the frames and messages of WebSockets.
    public var frameLimits = FrameLimits()
    /// How long a WebSocket may be silent before it is sent a Ping.
    public var pingInterval = Config.pingInterval
    /// How long it may be silent after the Ping: then 1011.
    public var pingTimeout = Config.pingTimeout
    /// How long the peer has to answer a Close frame.
    public var closeTimeout = Config.closeTimeout
    /// From which origins (RFC 6454) WebSockets may be opened, with a space between them; empty: from all.
    public var allowedOrigins: [UInt8] = []

    /// The defaults of `Config`.
    public init() {}
}

// Sources/Server/ServerSettings.swift — times and limits of HTTP.

import HTTP
import Utilities

/// What holds for all requests of a server. Times in milliseconds.
public struct ServerSettings: Sendable {
    /// Limits on a request's head.
    public var limits = RequestLimits()
    /// Largest body, in bytes; larger ones are answered with 413.
    public var maxBody = UInt64(Config.maxRequestBody)
    /// How long a request's head may take from its first byte to its last: then 408.
    public var requestTimeout = Config.requestTimeout
    /// How long a connection may be silent between two requests.
    public var idleTimeout = Config.idleTimeout

    /// The defaults of `Config`.
    public init() {}
}

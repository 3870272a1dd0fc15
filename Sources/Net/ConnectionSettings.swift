// Sources/Net/ConnectionSettings.swift — times and limits of connections.

import Bytes
import Synchronization

/// Times, in milliseconds, and limits that hold for all connections of a process.
public struct ConnectionSettings: Sendable {
    /// How long a connection may be silent before its first bytes come.
    public var firstTimeout = Config.requestTimeout
    /// How long it may be silent afterwards, where the protocol sets no other deadline.
    public var idleTimeout = Config.idleTimeout
    /// How long a peer may take nothing of what is sent to it.
    public var writeTimeout = Config.writeTimeout
    /// How long after the last response the peer's own end is waited for, when a connection was ended by this side.
    public var lingerTimeout = Config.lingerTimeout
    /// Over how long attended connections are told of the drain, one after the other; 0: all at once.
    public var closeSpread = Config.closeSpread
    /// Most connections at a time; it holds from ``apply()`` on.
    public var maxConnections = Config.maxConnections

    /// Has ``maxConnections`` hold for the whole process. Any thread.
    public func apply() { Admission.maxConnections.store(maxConnections, ordering: .relaxed) }

    /// The defaults of `Config`.
    public init() {}
}

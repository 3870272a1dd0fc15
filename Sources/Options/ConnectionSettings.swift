// Sources/Options/ConnectionSettings.swift — times and limits of connections.

import Bytes

/// What holds for all connections of a process, whatever their protocol.
public struct ConnectionSettings: Sendable {
    /// How long a connection may be silent before its first bytes come.
    public var firstTimeout = Milliseconds(Config.requestTimeout)
    /// How long it may be silent afterwards, where the protocol sets no other deadline.
    public var idleTimeout = Milliseconds(Config.idleTimeout)
    /// How long a peer may take nothing of what is sent to it.
    public var writeTimeout = Milliseconds(Config.writeTimeout)
    /// How long the server waits for the peer to end its direction after the server has ended its own.
    public var lingerTimeout = Milliseconds(Config.lingerTimeout)
    /// Over how long connections whose handler manages their lifetime are told of the drain; 0: all at once.
    public var closeSpread = Milliseconds(Config.closeSpread)
    /// Most connections at a time.
    public var maxConnections = Config.maxConnections

    /// The defaults of `Config`.
    public init() {}
}

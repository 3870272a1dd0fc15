// Sources/Runtime/Metrics.swift — what is counted of a worker's connections.

import Primitives

/// Counters of one worker; `/metrics` adds them up over all.
public struct Metrics: ~Copyable {
    /// Connections accepted.
    public let connectionsAccepted = Counter()
    /// Connections open now.
    public let connectionsOpen = Counter()
    /// Bytes received from peers.
    public let bytesReceived = Counter()
    /// Bytes that the kernel took for peers.
    public let bytesSent = Counter()
    /// WebSockets open now.
    public let webSocketsOpen = Counter()
    /// Connections closed because a deadline passed.
    public let timeouts = Counter()

    init() {}
}

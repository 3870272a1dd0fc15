// Sources/Net/ConnectionMetrics.swift — what is counted of a worker's connections, for people.

import Primitives

/// Counters of one ``ConnectionLoop``; `/metrics` adds them up over all. What decides something is a field of the loop
/// itself, such as ``ConnectionLoop/openCount``. It is never freed.
public final class ConnectionMetrics {
    /// Connections accepted.
    public let accepted = Counter()
    /// Bytes received from peers.
    public let bytesReceived = Counter()
    /// Bytes that the kernel took for peers.
    public let bytesSent = Counter()
    /// Connections closed because a deadline passed.
    public let timeouts = Counter()

    init() { makeImmortal(self) }
}

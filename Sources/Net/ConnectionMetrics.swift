// Sources/Net/ConnectionMetrics.swift — what is counted of a worker's connections, for people.

import Primitives

/// Counters of one ``ConnectionLoop``; `/metrics` adds them up over all. What decides something is a field of the loop
/// itself, such as ``ConnectionLoop/openCount``. It is never freed.
package final class ConnectionMetrics {
    /// Connections accepted.
    package let accepted = Counter()
    /// Bytes received from peers.
    package let bytesReceived = Counter()
    /// Bytes that the kernel took for peers.
    package let bytesSent = Counter()
    /// Connections closed because a deadline passed.
    package let timeouts = Counter()

    init() { makeImmortal(self) }
}

// Sources/Net/ConnectionSettings+Applying.swift — the limit that all workers share.

import Synchronization

// For programs that name it.
@_exported import struct Options.ConnectionSettings

extension ConnectionSettings {
    /// Makes ``maxConnections`` the limit of the whole process. Any thread.
    public func apply() {
        // Relaxed: the limit orders nothing else; an acceptor may see it one connection later.
        Admission.maxConnections.store(maxConnections, ordering: .relaxed)
    }
}

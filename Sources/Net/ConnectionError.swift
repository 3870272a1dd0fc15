// Sources/Net/ConnectionError.swift — how a connection can fail, with any protocol.

/// Why bytes did not come or go. The connection is of no more use after any of these: return from the handler.
public enum ConnectionError: Error, Equatable, Sendable {
    /// The peer is gone, or the network between.
    case broken
    /// The deadline passed.
    case timedOut
    /// Nothing more fits behind the input that the handler has not consumed, or the heap's limit is reached.
    case outOfMemory
}

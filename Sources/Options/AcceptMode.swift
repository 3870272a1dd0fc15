// Sources/Options/AcceptMode.swift — the threads that can accept connections.

/// Who accepts connections.
@frozen public enum AcceptMode: Int, Sendable {
    /// Every worker, from its own reactor: no hand-over.
    case workers
    /// A thread of its own, which hands connections to the workers in turn.
    case thread
}

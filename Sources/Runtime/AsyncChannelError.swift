// Sources/Runtime/AsyncChannelError.swift — why an element was not sent.

/// Why ``AsyncChannel/send(_:)`` did not send.
public enum AsyncChannelError: Error {
    /// The channel was finished before the element had a place in it.
    case finished
    /// The task was cancelled while it waited for a place, or would have had to wait.
    case cancelled
}

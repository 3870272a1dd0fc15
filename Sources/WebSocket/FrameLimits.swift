// Sources/WebSocket/FrameLimits.swift — how much a peer may send at once.

import Bytes

/// Limits on frames and messages, in bytes of payload. Control frames have the protocol's limit of 125 bytes only.
public struct FrameLimits: Sendable {
    /// Longest text, binary or continuation frame.
    public var maxFrame = Config.maxFrame
    /// Longest message, all its frames together.
    public var maxMessage = Config.maxMessage

    /// The limits of ``Config``.
    @inline(__always)
    public init() {}
}

// Sources/WebSocket/Opcode.swift — kinds of frames.

/// What a frame is (RFC 6455 §5.2, §11.8). The other ten values are reserved.
@frozen public enum Opcode: UInt8, Sendable {
    /// More of a message whose first frame was not its last.
    case continuation = 0
    /// A message of UTF-8, or its begin.
    case text = 1
    /// A message of any bytes, or its begin.
    case binary = 2
    /// The sender sends nothing after this frame (§5.5.1).
    case close = 8
    /// The receiver answers with a pong (§5.5.2).
    case ping = 9
    /// Answers a ping, or says that the sender is there (§5.5.3).
    case pong = 10

    /// Whether this is a control frame: at most 125 bytes, in one piece, allowed between the frames of a message
    /// (§5.5).
    @inline(__always)
    public var isControl: Bool { rawValue >= 8 }
}

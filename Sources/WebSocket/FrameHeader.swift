// Sources/WebSocket/FrameHeader.swift — what stands before a frame's payload.

/// The header of a client's frame (RFC 6455 §5.2).
///
/// ```
///  0               1               2 …                         … count
///  F R R R  opcode 1  length 0…125  │                │ key     │ payload
///                  1  126           │ length, 16 bit │ 4 bytes │
///                  1  127           │ length, 63 bit │         │
/// ```
public struct FrameHeader: Equatable, Sendable {
    /// Length of the payload, in bytes.
    public let payloadCount: Int
    /// The mask's four bytes as a little-endian number: see ``rotatedMaskingKey(_:by:)``.
    public let key: UInt32
    /// What the frame is.
    public let opcode: Opcode
    /// Whether the frame is the last one of its message; true for control frames.
    public let isFinal: Bool
    /// Length of the header, 6, 8 or 14.
    private let size: UInt8

    /// Length of the header itself, 6...14 bytes: where the payload begins.
    @inline(__always)
    public var count: Int { Int(size) }

    /// Longest header that this side writes: without a key.
    public static var maxSentCount: Int { 10 }

    @inline(__always)
    init(_ opcode: Opcode, isFinal: Bool, payloadCount: Int, key: UInt32, count: Int) {
        self.opcode = opcode
        self.isFinal = isFinal
        self.payloadCount = payloadCount
        self.key = key
        size = UInt8(truncatingIfNeeded: count)
    }
}

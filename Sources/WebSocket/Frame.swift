// Sources/WebSocket/Frame.swift — frames (RFC 6455 §5.2): reading a client's headers, writing a server's.

import Bytes

/// Reads the headers of one connection's frames, and keeps what lies between them: the message under way (RFC 6455
/// §5.4).
///
/// ```
///                 text or binary, not final
///            ┌────────────────────────────────┐
///            │                                ▼
///      ┌───────────┐                    ┌───────────┐
///  ┌──▶│ no message│                    │ text or   │◀──┐
///  │   │           │                    │ binary    │   │ continuation, not final
///  └───└───────────┘                    └───────────┘───┘
///  text or   ▲                                │
///  binary,   └────────────────────────────────┘
///  final               continuation, final                  control frames: anywhere, and change nothing
/// ```
///
/// Call ``header(of:at:_:)`` until it returns a header, then ``advance(past:)``, then read the payload; the decoder
/// never looks at that. After an error the connection is over.
package struct FrameDecoder: Sendable {
    /// The kind of the message that is under way, text or binary; nil between messages.
    package private(set) var message: Opcode?
    /// How many bytes of it were announced so far.
    private var announced = 0

    /// Before the first frame.
    @inline(__always)
    package init() {}

    /// The header that begins at `offset`; nil if more bytes are needed, at most 14.
    ///
    /// Nothing is kept: call it again with more bytes. Cost: about 25 instructions for a message of less than
    /// 64 KiB in one frame, about 60 else.
    ///
    /// - Throws: what is wrong with the header, as soon as the bytes that prove it are there, and so the same however
    ///   the bytes are cut. The earlier byte decides; of one byte, what comes first in ``WebSocketFailure``.
    @inline(__always)
    package func header(
        of bytes: Span<UInt8>, at offset: Int = 0, _ limits: FrameLimits
    ) throws(WebSocketFailure) -> FrameHeader? {
        if let header = commonHeader(of: bytes, at: offset, limits) { return header }
        return try anyHeader(of: bytes, at: offset, limits)
    }

    /// The same as ``header(of:at:_:)`` for the commonest frames: final, text or binary, between messages, with a
    /// length of 7 or 16 bits. nil for all others, whatever they are.
    @inline(__always)
    package func commonHeader(of bytes: Span<UInt8>, at offset: Int, _ limits: FrameLimits) -> FrameHeader? {
        // All of the header is in the first eight bytes; a mask that is missing makes `short` big.
        guard bytes.count &- offset >= 8, message == nil else { return nil }
        let word = bytes.word(at: offset)
        let kind = UInt8(truncatingIfNeeded: word) &- 0x81
        let short = UInt8(truncatingIfNeeded: word &>> 8) &- 0x80
        guard kind <= 1, short <= 126 else { return nil }
        let isShort = short < 126
        let count = isShort ? Int(short) : Int(UInt16(truncatingIfNeeded: word &>> 16).byteSwapped)
        guard count <= limits.maxFrame, count <= limits.maxMessage, isShort || count > 125 else { return nil }
        return FrameHeader(
            kind == 0 ? .text : .binary, isFinal: true, payloadCount: count,
            key: UInt32(truncatingIfNeeded: word &>> (isShort ? 16 : 32)), count: isShort ? 6 : 8)
    }

    /// Notes that the frame was taken.
    @inline(__always)
    package mutating func advance(past header: FrameHeader) {
        guard !header.opcode.isControl else { return }
        if header.isFinal {
            message = nil
            announced = 0
        } else {
            if message == nil { message = header.opcode }
            announced &+= header.payloadCount
        }
    }

    /// The same as ``header(of:at:_:)`` for all frames.
    @inline(never)
    private func anyHeader(
        of bytes: Span<UInt8>, at offset: Int, _ limits: FrameLimits
    ) throws(WebSocketFailure) -> FrameHeader? {
        let available = bytes.count &- offset
        guard available >= 1 else { return nil }
        let first = bytes[offset]
        let isFinal = first & 0x80 != 0
        guard first & 0x70 == 0 else { throw .reservedBits }
        guard let opcode = Opcode(rawValue: first & 0x0F) else { throw .reservedOpcode }
        if opcode.isControl {
            guard isFinal else { throw .fragmentedControl }
        } else if opcode == .continuation {
            guard message != nil else { throw .unexpectedContinuation }
        } else {
            guard message == nil else { throw .expectedContinuation }
        }

        guard available >= 2 else { return nil }
        let second = bytes[offset &+ 1]
        guard second & 0x80 != 0 else { throw .unmasked }
        var length = Int(second & 0x7F)
        var keyStart = 2
        if length > 125 {
            guard !opcode.isControl else { throw .longControl }
            keyStart = length == 126 ? 4 : 10
            // The top bit of a length of 64 bits is in its first byte.
            if length == 127, available > 2, bytes[offset &+ 2] >= 0x80 { throw .lengthOverflow }
            guard available >= keyStart else { return nil }
            if length == 126 {
                length = Int(bytes[offset &+ 2]) &<< 8 | Int(bytes[offset &+ 3])
                guard length > 125 else { throw .longFormLength }
            } else {
                length = Int(truncatingIfNeeded: bytes.word(at: offset &+ 2).byteSwapped)
                guard length > 0xFFFF else { throw .longFormLength }
            }
        }
        if !opcode.isControl {
            guard length <= limits.maxFrame else { throw .frameTooBig }
            guard length <= limits.maxMessage &- announced else { throw .messageTooBig }
        }

        guard available >= keyStart &+ 4 else { return nil }
        return FrameHeader(
            opcode, isFinal: isFinal, payloadCount: length, key: bytes.word32(at: offset &+ keyStart),
            count: keyStart &+ 4)
    }
}

/// The header of a client's frame (RFC 6455 §5.2).
///
/// ```
///  0               1               2 …                         … count
///  F R R R  opcode 1  length 0…125  │                │ key     │ payload
///                  1  126           │ length, 16 bit │ 4 bytes │
///                  1  127           │ length, 63 bit │         │
/// ```
package struct FrameHeader: Equatable, Sendable {
    /// Length of the payload, in bytes.
    package let payloadCount: Int
    /// The mask's four bytes as a little-endian number: see ``rotatedMaskingKey(_:by:)``.
    package let key: UInt32
    /// What the frame is.
    package let opcode: Opcode
    /// Whether the frame is the last one of its message; true for control frames.
    package let isFinal: Bool
    /// Length of the header, 6, 8 or 14.
    private let size: UInt8

    /// Length of the header itself, 6...14 bytes: where the payload begins.
    @inline(__always)
    package var count: Int { Int(size) }

    /// Longest header that this side writes: without a key.
    package static var maxSentCount: Int { 10 }

    @inline(__always)
    init(_ opcode: Opcode, isFinal: Bool, payloadCount: Int, key: UInt32, count: Int) {
        self.opcode = opcode
        self.isFinal = isFinal
        self.payloadCount = payloadCount
        self.key = key
        size = UInt8(truncatingIfNeeded: count)
    }
}

/// What a frame is (RFC 6455 §5.2, §11.8). The other ten values are reserved.
package enum Opcode: UInt8, Sendable {
    /// More of a message that its first frame did not complete.
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
    package var isControl: Bool { rawValue >= 8 }
}

/// Limits on frames and messages, in bytes of payload. Control frames have the protocol's limit of 125 bytes only.
package struct FrameLimits: Sendable {
    /// Longest text, binary or continuation frame.
    package var maxFrame = Config.maxFrame
    /// Longest message, all its frames together.
    package var maxMessage = Config.maxMessage

    /// The limits of ``Config``.
    @inline(__always)
    package init() {}
}

extension ByteWriter {
    /// Appends the header of a server's frame (RFC 6455 §5.2): no mask, the length in its shortest form. The payload
    /// follows.
    ///
    /// Takes 2, 4 or ``FrameHeader/maxSentCount`` bytes; appends nothing if they do not fit.
    @inline(__always)
    package mutating func append(frameHead opcode: Opcode, payloadCount: Int, isFinal: Bool = true) {
        let first = opcode.rawValue | (isFinal ? 0x80 : 0)
        if payloadCount <= 125 {
            append(first, UInt8(truncatingIfNeeded: payloadCount))
        } else {
            append(longHead: first, payloadCount)
        }
    }

    /// Appends a Close frame (RFC 6455 §5.5.1).
    ///
    /// - Parameters:
    ///   - code: the code, which must be one that may be sent; nil for a frame without payload.
    ///   - reason: UTF-8, of which as many whole characters are sent as fit in 123 bytes; ignored without a code.
    @inline(never)
    package mutating func append(close code: CloseCode?, reason: borrowing Span<UInt8>) {
        guard let code else {
            append(frameHead: .close, payloadCount: 0)
            return
        }
        let end = reason.wholeCharacters(upTo: maxReason)
        append(frameHead: .close, payloadCount: 2 &+ end)
        append(UInt8(truncatingIfNeeded: code.rawValue &>> 8), UInt8(truncatingIfNeeded: code.rawValue))
        append(reason.extracting(first: end))
    }

    /// Appends a Close frame with a literal as its reason.
    @inline(__always)
    package mutating func append(close code: CloseCode, reason: StaticString) {
        append(close: code, reason: reason.bytes)
    }

    /// Appends a header with a length of 16 or 63 bits.
    @inline(never)
    private mutating func append(longHead first: UInt8, _ payloadCount: Int) {
        if payloadCount <= 0xFFFF {
            let head: [4 of UInt8] = [
                first, 126, UInt8(truncatingIfNeeded: payloadCount &>> 8), UInt8(truncatingIfNeeded: payloadCount),
            ]
            append(head.span)
        } else {
            var head: [10 of UInt8] = .init(repeating: first)
            head[1] = 127
            for digit in 0..<8 {
                head[2 &+ digit] = UInt8(truncatingIfNeeded: payloadCount &>> (56 &- digit &* 8))
            }
            append(head.span)
        }
    }
}

/// Most bytes of a Close frame's reason: the code takes two of 125.
private let maxReason = 123

// Sources/WebSocket/ByteWriter+Frame.swift — writing frames.

import Bytes

extension ByteWriter {
    /// Appends the header of a server's frame (RFC 6455 §5.2): no mask, the length in its shortest form. The payload
    /// follows.
    ///
    /// Takes 2, 4 or ``FrameHeader/maxSentCount`` bytes; appends nothing if they do not fit.
    @inline(__always)
    public mutating func append(frameHead opcode: Opcode, payloadCount: Int, isFinal: Bool = true) {
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
    public mutating func append(close code: CloseCode?, reason: borrowing Span<UInt8>) {
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
    public mutating func append(close code: CloseCode, reason: StaticString) {
        append(close: code, reason: reason.bytes)
    }

    /// Appends a header whose length has 16 or 63 bits.
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

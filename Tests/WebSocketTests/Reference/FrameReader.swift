// Tests/WebSocketTests/Reference/FrameReader.swift — the module's parts put together to read whole sessions.

import Bytes
import WebSocket

/// Reads a client's bytes, in pieces, with the decoder, the unmasking and the checks of the module.
///
/// Payloads of data frames are taken as they come; control frames when they are whole. Or, if it is to be, as an echo
/// takes them: common frames at once when they are whole, which the decoder is not told of.
struct FrameReader {
    /// What came.
    private(set) var events: [SessionEvent] = []
    /// Whether a close or a failure has come: nothing more is read.
    private(set) var isOver = false

    private let limits: FrameLimits
    private let takesWholeFrames: Bool
    private var decoder = FrameDecoder()
    /// What came; the first `start` bytes were taken.
    private var input: [UInt8] = []
    private var start = 0
    /// The data frame whose payload is being taken, and how much of that has been.
    private var frame: FrameHeader?
    private var taken = 0
    private var message: [UInt8] = []
    private var isText = false
    private var text = UTF8Validator()

    /// Before the first byte.
    init(maxFrame: Int, maxMessage: Int, takesWholeFrames: Bool = false) {
        self.takesWholeFrames = takesWholeFrames
        var limits = FrameLimits()
        limits.maxFrame = maxFrame
        limits.maxMessage = maxMessage
        self.limits = limits
    }

    /// Takes the next piece.
    mutating func read(_ piece: some Sequence<UInt8>) {
        input.removeFirst(start)
        start = 0
        input += piece
        do throws(WebSocketFailure) {
            while !isOver, try step() {}
        } catch {
            events.append(.failure("\(error)"))
            isOver = true
        }
    }

    /// Whether there is more to do without more bytes.
    private mutating func step() throws(WebSocketFailure) -> Bool {
        if let frame { return try takePayload(of: frame) }
        if takesWholeFrames, let header = decoder.commonHeader(of: input.span, at: start, limits),
            input.count - start >= header.count + header.payloadCount
        {
            start += header.count
            try whole(header)
            return true
        }
        guard let header = try decoder.header(of: input.span, at: start, limits) else { return false }
        if header.opcode.isControl {
            guard input.count - start >= header.count + header.payloadCount else { return false }
            start += header.count
            try control(header.opcode, unmasked(header.payloadCount, header.key))
            // Nothing of it is remembered.
            decoder.advance(past: header)
            return true
        }
        if decoder.message == nil {
            isText = header.opcode == .text
            text = UTF8Validator()
            message = []
        }
        start += header.count
        decoder.advance(past: header)
        frame = header
        taken = 0
        return true
    }

    private mutating func whole(_ header: FrameHeader) throws(WebSocketFailure) {
        let payload = unmasked(header.payloadCount, header.key)
        var text = UTF8Validator()
        if header.opcode == .text {
            guard text.accepts(payload.span), text.isAtBoundary else { throw .invalidUTF8 }
        }
        events.append(.message(isText: header.opcode == .text, payload))
    }

    private mutating func takePayload(of header: FrameHeader) throws(WebSocketFailure) -> Bool {
        let count = min(header.payloadCount - taken, input.count - start)
        let part = unmasked(count, rotatedMaskingKey(header.key, by: taken))
        taken += count
        message += part
        if isText {
            guard text.accepts(part.span) else { throw .invalidUTF8 }
        }
        guard taken == header.payloadCount else { return false }
        frame = nil
        if header.isFinal {
            if isText, !text.isAtBoundary { throw .invalidUTF8 }
            events.append(.message(isText: isText, message))
        }
        return true
    }

    private mutating func control(_ opcode: Opcode, _ payload: [UInt8]) throws(WebSocketFailure) {
        switch opcode {
        case .ping: events.append(.ping(payload))
        case .pong: events.append(.pong(payload))
        default:
            let close = try ClosePayload.parse(payload.span)
            events.append(.close(code: close.code?.rawValue, reason: Array(payload[close.reasonStart...])))
            isOver = true
        }
    }

    /// Takes `count` bytes out of the input, and their mask off.
    private mutating func unmasked(_ count: Int, _ key: UInt32) -> [UInt8] {
        var part = Array(input[start..<start + count])
        start += count
        var span = part.mutableSpan
        span.unmask(with: key)
        return part
    }
}

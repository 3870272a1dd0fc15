// Sources/Server/WebSocket+Frames.swift — from the connection's bytes to messages.

import Bytes
import HTTP
import Net
import Runtime
import WebSocket

/// A message that lies in the input as one whole frame stays there, and is unmasked in place. Any other is gathered in
/// ``store`` as it comes, so that text can be refused at its first wrong byte.
///
///                  a whole frame
///     ┌─────────┐ ───────────────────────────────────────▶ ┌─────────┐
///     │ between │                                          │ message │ ─ handler, echo ─▶ between
///     └─────────┘ ◀─ a fragment's end ─ ┌───────────┐ ───▶ └─────────┘
///          │ a part of a data frame, or │ gathering │   the final frame's end
///          └──────── a fragment ──────▶ └───────────┘ ◀─┐ more of it
///                                             └─────────┘
extension WebSocket {
    /// What can be done next.
    enum Step {
        /// The next step, at once.
        case again
        /// There is a message.
        case message
        /// Nothing before there is room in the output.
        case needsRoom
        /// Nothing before more has come.
        case needsInput
        /// Nothing ever.
        case closed
    }

    /// What a serving without a task leaves to the one with it.
    enum Unfinished {
        case step(Step)
        case failure(WebSocketError)
    }

    /// Whether nothing is known of a next message but what lies in the input.
    var isBetweenMessages: Bool { remaining == 0 && decoder.message == nil }

    /// Deals with the next frame, or with what has come of it.
    func step() throws(WebSocketError) -> Step {
        do throws(WebSocketFailure) {
            guard !isClosed else { return .closed }
            if requestLength > 0 { endRequest() }
            if remaining > 0 { return try gather() }
            if word.isEcho { try echoFrames() }
            let connection = unsafe connection
            guard connection.input.count > 0,
                let header = try decoder.header(of: connection.input, connection.context.settings.frameLimits)
            else { return .needsInput }
            if header.opcode.isControl { return try control(header) }
            let isWhole = connection.input.count - header.count >= header.payloadCount
            guard isWhole, header.isFinal, decoder.message == nil, !word.hasSentClose else {
                return try beginGathering(header)
            }
            return try whole(header)
        } catch {
            throw .failure(error)
        }
    }

    /// A whole message is in the input, as one frame.
    @inline(__always)
    private func whole(_ header: FrameHeader) throws(WebSocketFailure) -> Step {
        let connection = unsafe connection
        isText = header.opcode == .text
        // What could be sent back at once has been; this one fits when there is room.
        let most = header.payloadCount + FrameHeader.maxSentCount
        if word.isEcho, most <= Config.sendBufferSize, lacks(most) { return .needsRoom }
        messageRange = header.count..<header.count + header.payloadCount
        connection.changeInput(messageRange) { $0.unmask(with: header.key) }
        guard !isText || connection.input.extracting(messageRange).isUTF8 else { throw .invalidUTF8 }
        isStored = false
        hasMessage = true
        note(header.payloadCount)
        return .message
    }

    // MARK: Gathering

    private func beginGathering(_ header: FrameHeader) throws(WebSocketFailure) -> Step {
        decoder.advance(past: header)
        if header.opcode != .continuation {
            isText = header.opcode == .text
            utf8 = UTF8Validator()
        }
        unsafe connection.consume(header.count)
        key = header.key
        remaining = header.payloadCount
        frameIsFinal = header.isFinal
        return try gather()
    }

    /// Takes what has come of the frame's payload. After a Close was sent it is thrown away.
    private func gather() throws(WebSocketFailure) -> Step {
        let connection = unsafe connection
        let count = Swift.min(remaining, connection.input.count)
        if !word.hasSentClose, count > 0 {
            let bytes = connection.input.extracting(first: count)
            guard store.append(bytes, unmasking: key, expecting: remaining - count) else { throw .outOfMemory }
            if isText {
                var validator = utf8
                guard validator.accepts(store.bytes.extracting(droppingFirst: store.count - count)) else {
                    throw .invalidUTF8
                }
                utf8 = validator
            }
        }
        connection.consume(count)
        remaining -= count
        key = rotatedMaskingKey(key, by: count)
        guard remaining == 0 else { return .needsInput }
        guard frameIsFinal, !word.hasSentClose else { return .again }
        guard !isText || utf8.isAtBoundary else { throw .invalidUTF8 }
        isStored = true
        hasMessage = true
        note(store.count)
        return .message
    }

    /// The message is done with.
    func endMessage() {
        guard hasMessage else { return }
        hasMessage = false
        if isStored { store.removeAll() } else { unsafe connection.consume(messageRange.upperBound) }
    }

    /// The session does not need the request any more.
    private func endRequest() {
        unsafe connection.consume(requestLength)
        requestLength = 0
    }

    @inline(__always)
    func note(_ byteCount: Int) {
        let connection = unsafe connection
        connection.context.metrics.received(1)
        guard connection.context.settings.accessLog == .tag else { return }
        log.add(isText: isText, bytes: byteCount, descriptor)
    }

    // MARK: Control frames

    private func control(_ header: FrameHeader) throws(WebSocketFailure) -> Step {
        let connection = unsafe connection
        let payload = header.count..<header.count + header.payloadCount
        guard connection.input.count >= payload.upperBound else { return .needsInput }
        guard connection.output.remaining >= Config.maxControlFrame else { return .needsRoom }
        connection.changeInput(payload) { $0.unmask(with: header.key) }
        switch header.opcode {
        case .ping where !word.hasSentClose:
            connection.output.append(frameHead: .pong, payloadCount: payload.count)
            connection.output.append(connection.input.extracting(payload))
        case .close:
            let close = try ClosePayload.parse(connection.input.extracting(payload))
            connection.consume(payload.upperBound)
            peerClosed(close.code)
            return .closed
        default: break
        }
        connection.consume(payload.upperBound)
        return .again
    }
}

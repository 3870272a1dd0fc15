// Sources/Server/WebSocket+Echo.swift — messages that go back as they came.

import Bytes
import HTTP
import Linux
import Net
import Runtime
import WebSocket

extension WebSocket {
    /// Sends whole messages back, one behind the other, as long as each is one frame and fits into the output: straight
    /// from the input, with nothing done for each but what the frame itself asks for.
    ///
    /// - Throws: `.invalidUTF8`, when everything before that message has been dealt with.
    func echoFrames() throws(WebSocketFailure) {
        guard !word.hasSentClose else { return }
        let connection = unsafe connection
        let limits = connection.context.settings.frameLimits
        let isLogged = connection.context.settings.accessLog == .tag
        let descriptor = descriptor
        var position = 0
        var messages = 0
        var isValid = true
        while let header = decoder.commonHeader(of: connection.input, at: position, limits) {
            let end = position &+ header.count &+ header.payloadCount
            guard end <= connection.input.count, !lacks(header.payloadCount &+ FrameHeader.maxSentCount) else { break }
            isValid = echo(header, connection.input.extracting(position &+ header.count..<end))
            guard isValid else { break }
            position = end
            messages &+= 1
            if isLogged { log.add(isText: header.opcode == .text, bytes: header.payloadCount, descriptor) }
        }
        guard position > 0 || !isValid else { return }
        connection.consume(position)
        connection.context.metrics.received(messages)
        guard isValid else { throw .invalidUTF8 }
    }

    /// Sends one message back. There is room. False: it is text, and no UTF-8; then nothing was sent.
    @inline(__always)
    private func echo(_ header: FrameHeader, _ payload: borrowing Span<UInt8>) -> Bool {
        let connection = unsafe connection
        let before = connection.output.count
        connection.output.append(frameHead: header.opcode, payloadCount: header.payloadCount)
        let start = connection.output.count
        connection.output.append(payload, unmasking: header.key)
        guard header.opcode == .text else { return true }
        if connection.written(from: start).isUTF8 { return true }
        connection.output.truncate(to: before)
        return false
    }
}

// Sources/WebSocket/MessageAssembler.swift — from the bytes of a client to messages, and the replies that it is owed.

import Bytes

/// The receiving side of one WebSocket (RFC 6455): bytes in, messages out. It does no input or output of its own.
///
/// The caller shows what has come with ``next(_:_:_:)``, does what the step says, and takes ``consumed`` bytes off the
/// front of its input. Pings and Close frames are answered on the way, into the caller's output.
///
///                  a whole frame
///     ┌────────┐ ────────────────────────────────────────▶ ┌─────────┐
///     │ header │                                           │ message │ ─ endMessage ─▶ header
///     └────────┘ ◀─ a fragment's end ─ ┌─────────┐ ──────▶ └─────────┘
///          │ a part of a data frame,   │ payload │   the final frame's end
///          └──── or a fragment ──────▶ └─────────┘ ◀─┐ more of it
///                                           └────────┘
///
/// A message that lies in the input as one whole frame stays there, and is unmasked in place. Any other is gathered in
/// a store as it comes, so that text is refused at its first wrong byte.
public struct MessageAssembler: ~Copyable {
    /// What the caller does next.
    package enum Step: Equatable, Sendable {
        /// Calls again: a frame, or a part of one, was dealt with.
        case again
        /// Takes the message, and then calls ``MessageAssembler/endMessage()``.
        case message
        /// Calls again when its output is empty.
        case needsRoom
        /// Calls again when more has come.
        case needsInput
        /// Ends the connection: the closing handshake is over, and its last frame is in the output.
        case closed
    }

    /// How far the closing handshake has come (§7), by the names of the WebSocket API.
    ///
    ///     ┌──────┐ this side sends Close  ┌─────────┐ the peer's Close, or the connection ends  ┌────────┐
    ///     │ open │ ─────────────────────▶ │ closing │ ────────────────────────────────────────▶ │ closed │
    ///     └──────┘                        └─────────┘                                           └────────┘
    ///        └──── the peer's Close, which is answered with its code, or the connection ends ────────▲
    package enum ReadyState: Sendable {
        /// Both sides may send.
        case open
        /// This side has sent a Close frame, after which it sends nothing. Messages are thrown away.
        case closing
        /// Neither side sends any more.
        case closed

        /// Whether `next` may follow.
        package func mayBecome(_ next: ReadyState) -> Bool {
            switch (self, next) {
            case (.open, .closing), (.open, .closed), (.closing, .closed): true
            default: false
            }
        }
    }

    /// Where the bytes that come next belong; see the type's diagram.
    private enum Phase {
        case header
        case payload
        case message

        func mayBecome(_ next: Phase) -> Bool {
            switch (self, next) {
            case (.header, .payload), (.header, .message): true
            case (.payload, .header), (.payload, .message): true
            case (.message, .header): true
            default: false
            }
        }
    }

    /// How far the closing handshake has come.
    package private(set) var readyState = ReadyState.open
    /// Bytes at the front of the input that the last call has dealt with: the caller takes them away.
    package private(set) var consumed = 0
    /// Whether the message is text; then it is UTF-8. Otherwise it is binary.
    package private(set) var isText = false
    /// The code of the Close frame that the peer has sent; nil if none has come or if it had none.
    package private(set) var peerCloseCode: CloseCode?

    /// Whether messages go back as they came: then ``next(_:_:_:)`` waits for room for one that ``echo(_:at:_:_:)`` can
    /// send.
    private var echoes = false
    private var phase = Phase.header
    private var decoder = FrameDecoder()
    private var text = UTF8Validator()
    /// Of the frame that is being gathered: its key from here on, how much of it is missing, whether it is the last.
    private var key: UInt32 = 0
    private var remaining = 0
    private var isFinal = false
    /// Where the message lies: in the input, or, if this is nil, in the store.
    private var range: Range<Int>?
    private var store: ByteStore

    /// An assembler for one connection after the other.
    ///
    /// - Parameter store: where messages are gathered that do not come as one whole frame.
    package init(store: consuming ByteStore) { self.store = store }

    /// Begins between two messages of a connection.
    ///
    /// - Parameters:
    ///   - echoes: whether ``echo(_:at:_:_:)`` is called before each ``next(_:_:_:)``.
    ///   - hasSentClose: whether this side has sent a Close frame already.
    package mutating func begin(echoes: Bool, hasSentClose: Bool) {
        self.echoes = echoes
        readyState = hasSentClose ? .closing : .open
        phase = .header
        decoder = FrameDecoder()
        peerCloseCode = nil
        removeMessage()
    }

    /// Whether nothing is known of a next message but what lies in the input.
    package var isBetweenMessages: Bool { phase == .header && decoder.message == nil }

    // MARK: Reading

    /// Sends one whole message back: from the input straight into the output, unmasked on the way, in one pass.
    ///
    /// - Parameters:
    ///   - input: what has come, of which the first `position` bytes were dealt with by calls before this one.
    ///   - output: is as before if this returns nil or throws.
    /// - Returns: the frame's header; nil if the next message is not there as one whole frame, or if there is no room
    ///   for it: then ``next(_:_:_:)`` says what to do.
    /// - Throws: ``WebSocketFailure/invalidUTF8``.
    @inline(__always)
    package mutating func echo(
        _ input: Span<UInt8>, at position: Int, _ output: inout ByteWriter, _ limits: FrameLimits
    ) throws(WebSocketFailure) -> FrameHeader? {
        guard phase == .header, readyState == .open,
            let header = decoder.commonHeader(of: input, at: position, limits)
        else { return nil }
        let start = position &+ header.count
        guard header.payloadCount <= input.count &- start,
            header.payloadCount &+ FrameHeader.maxSentCount <= output.remaining
        else { return nil }
        let before = output.count
        output.append(frameHead: header.opcode, payloadCount: header.payloadCount)
        let payload = output.count
        output.append(input.extracting(start..<start &+ header.payloadCount), unmasking: header.key)
        if header.opcode == .text, !output.bytes.extracting(droppingFirst: payload).isUTF8 {
            output.truncate(to: before)
            throw .invalidUTF8
        }
        return header
    }

    /// Deals with the next frame, or with what has come of it.
    ///
    /// - Parameters:
    ///   - input: what has come and was not consumed. The payload of a frame is unmasked in place.
    ///   - output: where Pings and Close frames are answered.
    /// - Returns: what the caller does next, behind taking ``consumed`` bytes away.
    /// - Throws: why the connection fails, as soon as the bytes that prove it are there. The caller then sends
    ///   ``close(_:reason:_:)`` and ends.
    package mutating func next(
        _ input: inout MutableSpan<UInt8>, _ output: inout ByteWriter, _ limits: FrameLimits
    ) throws(WebSocketFailure) -> Step {
        precondition(phase != .message, "the message before this one has not ended")
        consumed = 0
        guard readyState != .closed else { return .closed }
        if phase == .payload { return try gather(input.span) }
        guard input.count > 0, let header = try decoder.header(of: input.span, limits) else { return .needsInput }
        if header.opcode.isControl { return try control(header, &input, &output) }
        let isWhole = header.payloadCount <= input.count &- header.count
        guard isWhole, header.isFinal, decoder.message == nil, readyState == .open else {
            return try beginGathering(header, input.span)
        }
        return try whole(header, &input, output.remaining)
    }

    /// A whole message is in the input, as one frame.
    @inline(__always)
    private mutating func whole(
        _ header: FrameHeader, _ input: inout MutableSpan<UInt8>, _ room: Int
    ) throws(WebSocketFailure) -> Step {
        // What could be sent back at once has been; this one fits when there is room.
        let most = header.payloadCount &+ FrameHeader.maxSentCount
        if echoes, most <= Config.sendBufferSize, most > room { return .needsRoom }
        let payload = header.count..<header.count &+ header.payloadCount
        input.unmask(payload, with: header.key)
        isText = header.opcode == .text
        guard !isText || input.span.extracting(payload).isUTF8 else { throw .invalidUTF8 }
        range = payload
        transition(to: .message)
        return .message
    }

    private mutating func beginGathering(
        _ header: FrameHeader, _ input: Span<UInt8>
    ) throws(WebSocketFailure) -> Step {
        decoder.advance(past: header)
        if header.opcode != .continuation {
            isText = header.opcode == .text
            text = UTF8Validator()
        }
        key = header.key
        remaining = header.payloadCount
        isFinal = header.isFinal
        transition(to: .payload)
        consumed = header.count
        return try gather(input)
    }

    /// Takes what has come of the frame's payload, behind the `consumed` bytes.
    private mutating func gather(_ input: Span<UInt8>) throws(WebSocketFailure) -> Step {
        let count = Swift.min(remaining, input.count - consumed)
        if readyState == .open, count > 0 {
            let bytes = input.extracting(consumed..<consumed + count)
            guard store.append(bytes, unmasking: key, expecting: remaining - count) else { throw .outOfMemory }
            if isText {
                var validator = text
                guard validator.accepts(store.bytes.extracting(droppingFirst: store.count - count)) else {
                    throw .invalidUTF8
                }
                text = validator
            }
        }
        consumed += count
        remaining -= count
        key = rotatedMaskingKey(key, by: count)
        guard remaining == 0 else { return .needsInput }
        guard isFinal, readyState == .open else {
            transition(to: .header)
            return .again
        }
        guard !isText || text.isAtBoundary else { throw .invalidUTF8 }
        range = nil
        transition(to: .message)
        return .message
    }

    private mutating func control(
        _ header: FrameHeader, _ input: inout MutableSpan<UInt8>, _ output: inout ByteWriter
    ) throws(WebSocketFailure) -> Step {
        let payload = header.count..<header.count &+ header.payloadCount
        guard payload.upperBound <= input.count else { return .needsInput }
        guard output.remaining >= Config.maxControlFrame else { return .needsRoom }
        input.unmask(payload, with: header.key)
        consumed = payload.upperBound
        switch header.opcode {
        case .ping where readyState == .open:
            output.append(frameHead: .pong, payloadCount: payload.count)
            output.append(input.span.extracting(payload))
        case .close:
            peerCloseCode = try ClosePayload.parse(input.span.extracting(payload)).code
            let noReason: StaticString = ""
            if readyState == .open { output.append(close: peerCloseCode, reason: noReason.bytes) }
            transition(to: .closed)
            return .closed
        default: break
        }
        return .again
    }

    // MARK: Messages

    /// The message. Valid until ``endMessage()``.
    ///
    /// - Parameter input: the same that ``next(_:_:_:)`` was given.
    @inline(__always)
    @_lifetime(borrow self, copy input)
    package func message(in input: Span<UInt8>) -> Span<UInt8> {
        guard let range else { return store.bytes }
        return input.extracting(range)
    }

    /// Forgets the message, if there is one: ``consumed`` bytes of the input belong to it.
    package mutating func endMessage() {
        consumed = 0
        guard phase == .message else { return }
        if let range { consumed = range.upperBound }
        transition(to: .header)
        removeMessage()
    }

    /// Forgets all that was gathered, and frees its memory.
    package mutating func removeMessage() {
        range = nil
        store.removeAll()
    }

    // MARK: Closing

    /// Appends a Close frame, if this side has sent none, and throws away the messages that come from here on.
    ///
    /// - Parameters:
    ///   - code: traps if it is one that must not be sent.
    ///   - reason: cut to 123 bytes.
    ///   - output: has room for `Config.maxControlFrame` bytes.
    package mutating func close(_ code: CloseCode, reason: StaticString, _ output: inout ByteWriter) {
        precondition(code.mayBeSent, "a Close frame with a code that must not be in one")
        guard readyState == .open else { return }
        output.append(close: code, reason: reason)
        transition(to: .closing)
    }

    /// Notes that the connection has ended, with or without a closing handshake.
    package mutating func connectionEnded() {
        if readyState != .closed { transition(to: .closed) }
    }

    private mutating func transition(to next: ReadyState) {
        precondition(readyState.mayBecome(next), "no such step of the closing handshake")
        readyState = next
    }

    private mutating func transition(to next: Phase) {
        precondition(phase.mayBecome(next), "no such step of a message")
        phase = next
    }
}

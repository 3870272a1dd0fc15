// Sources/Server/WebSocketState.swift — a WebSocket while it is served, whatever type its handler throws.

import Bytes
import HTTP
import Linux
import Logging
import Net
import Options
import Primitives
import Runtime
import WebSocket

/// What is behind a ``WebSocket``. The protocol is ``MessageAssembler``'s, and so are its states. What is here moves
/// bytes between that and the connection; what the connection calls is in WebSocketRoute.swift, since both are too long
/// for one file.
///
/// - Invariant: the connection's handler owns this object and frees it in its `deinit`, so ``connection``, the input
///   and the store that ``message`` shows live as long as it does.
@safe final class WebSocketState {
    private let owner: ImmortalReference<HTTPConnectionHandler>
    /// The connection that is served.
    @inline(__always)
    var connection: HTTPConnectionHandler { owner.object }

    /// The route that the connection came by.
    var route: WebSocketRoute?
    /// What stays when the connection is idle.
    var idleState = IdleWebSocketState(0)
    /// What ``serveWithoutSuspending(_:)`` left to be done; nil if it has not begun.
    var unfinished: Unfinished?
    /// Whether the deadline that belongs to the state has been set.
    var hasDeadline = false
    /// Bytes of the request that are still in the input, for a session to look at.
    var requestLength = 0
    /// What was the first of the handler's calls to fail; nil: none was. It decides how the WebSocket ends.
    private var broken: WebSocketError?
    var assembler = MessageAssembler(store: .onCurrentHeap())
    var log = MessageLog()

    /// The subprotocol that was chosen.
    var subprotocol: StaticString?

    init(_ connection: HTTPConnectionHandler) {
        // The connection object owns this one, and frees it when it is freed itself.
        owner = ImmortalReference(connection)
    }

    // MARK: Receiving

    var isText: Bool { assembler.isText }

    var peerCloseCode: CloseCode? { assembler.peerCloseCode }

    var message: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // SAFETY: the connection object owns this one, so both are there as long as this is.
            let connection = connection
            connection.checkHome()
            let message = assembler.message(in: connection.input)
            return unsafe _overrideLifetime(message, borrowing: self)
        }
    }

    var request: ExchangeState {
        precondition(requestLength > 0, "the request is gone after the first receive()")
        return connection.exchange
    }

    func receive() async throws(WebSocketError) -> Bool {
        connection.checkHome()
        endMessage()
        while true {
            switch try step() {
            case .again: break
            case .message:
                connection.clearDeadline()
                hasDeadline = false
                return true
            case .needsRoom: try await flush()
            case .needsInput: try await wait()
            case .closed: return false
            }
        }
    }

    /// Deals with the next frame, or with what has come of it.
    func step() throws(WebSocketError) -> MessageAssembler.Step {
        let connection = connection
        if requestLength > 0 {
            // The session does not need the request any more.
            connection.consume(requestLength)
            requestLength = 0
        }
        let limits = connection.context.settings.frameLimits
        let isAnswer = assembler.readyState == .closing
        do throws(WebSocketFailure) {
            guard assembler.readyState != .closed else { return .closed }
            if idleState.isEcho { try echoFrames(limits) }
            let step = try connection.changeInput { input throws(WebSocketFailure) in
                try assembler.next(&input, &connection.output, limits)
            }
            connection.consume(assembler.consumed)
            switch step {
            case .message: noteMessage()
            case .closed: peerClosed(isAnswer: isAnswer)
            case .again, .needsRoom, .needsInput: break
            }
            return step
        } catch {
            throw .failure(error)
        }
    }

    /// Sends whole messages back, one behind the other, as long as each is one frame and fits into the output, with
    /// nothing done for each but what the frame itself asks for.
    private func echoFrames(_ limits: FrameLimits) throws(WebSocketFailure) {
        let connection = connection
        let isLogged = connection.context.logsMessages
        let descriptor = descriptor
        var position = 0
        var messages = 0
        // What came before a message that is refused has been dealt with.
        defer {
            if messages > 0 {
                connection.consume(position)
                connection.context.metrics.received(messages)
            }
        }
        while let header = try assembler.echo(connection.input, at: position, &connection.output, limits) {
            position &+= header.count &+ header.payloadCount
            messages &+= 1
            if isLogged { log.add(isText: header.opcode == .text, bytes: header.payloadCount, descriptor) }
        }
    }

    /// Counts and logs a message.
    private func noteMessage() {
        let connection = connection
        connection.context.metrics.received(1)
        guard connection.context.logsMessages else { return }
        log.add(isText: isText, bytes: message.count, descriptor)
    }

    /// Takes the message out of the input.
    func endMessage() {
        assembler.endMessage()
        connection.consume(assembler.consumed)
    }

    // MARK: Sending

    /// Sends a whole message. Waits while the peer does not read what was sent before: more than
    /// `Config.sendBufferSize` bytes never wait for it.
    func send(_ opcode: Opcode, _ payload: borrowing Span<UInt8>) async throws(WebSocketError) {
        connection.checkHome()
        guard assembler.readyState == .open else { throw .closed }
        do throws(ConnectionError) {
            try await connection.catchUp()
            if lacks(FrameHeader.maxSentCount) { try await connection.flush() }
            connection.output.append(frameHead: opcode, payloadCount: payload.count)
            try await connection.write(payload)
            // To wait for the peer may have taken the place of the deadline.
            hasDeadline = false
        } catch {
            throw .connection(error)
        }
    }

    func close(code: CloseCode, reason: StaticString) async throws(WebSocketError) {
        connection.checkHome()
        guard assembler.readyState == .open else { return }
        if lacks(Config.maxControlFrame) { try await flush() }
        assembler.close(code, reason: reason, &connection.output)
        idleState.hasSentClose = true
        hasDeadline = false
    }

    // MARK: Errors

    /// Forgets the errors of the handler before.
    @inline(__always)
    func forgetErrors() { broken = nil }

    /// Notes an error that a handler is about to be thrown.
    @inline(never)
    func note(_ error: WebSocketError) -> WebSocketError {
        broken = broken ?? error
        return error
    }

    /// Ends a WebSocket whose handler has thrown an error: closes it with this code, if neither the peer nor the
    /// connection has failed before.
    @inline(never)
    func fail(_ code: CloseCode, _ reason: StaticString) async throws(WebSocketError) {
        switch broken {
        case .connection(let error): throw .connection(error)
        case .failure(let error): throw .failure(error)
        case .closed, .invalidText, nil: break
        }
        guard assembler.readyState != .closed else { return }
        try await end(with: code.mayBeSent ? code : .internalError, reason)
    }

    // MARK: The connection

    /// Whether the output has no room for `byteCount` more bytes.
    @inline(__always)
    func lacks(_ byteCount: Int) -> Bool { connection.output.remaining < byteCount }

    @inline(never)
    func flush() async throws(WebSocketError) {
        do throws(ConnectionError) {
            try await connection.flush()
            hasDeadline = false
        } catch {
            throw .connection(error)
        }
    }

    var descriptor: FileDescriptor { connection.descriptor }
}

// Sources/Server/WebSocket.swift — a WebSocket as handlers see it.

import Bytes
import HTTP
import Linux
import Logging
import Net
import Options
import Primitives
import Runtime
import WebSocket

/// A WebSocket (RFC 6455), the server's side. It belongs to a handler for the time of the handler's call only.
///
/// Messages are whole when a handler sees them; Pings, Pongs and Closes are dealt with on the way. What the handler
/// sends is gathered, and leaves when it suspends or returns: many small messages in one system call.
///
/// The protocol is ``MessageAssembler``'s, and so are its states. What is here moves bytes between that and the
/// connection; what the connection calls is in WebSocketRoute.swift, since both are too long for one file.
///
/// - Invariant: the connection's handler owns this object and frees it in its `deinit`, so ``connection``, the input
///   and the store that ``message`` shows live as long as it does.
@safe public final class WebSocket {
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
    var assembler = MessageAssembler(store: .onCurrentHeap())
    var log = MessageLog()

    /// The subprotocol that was chosen: for sessions.
    public internal(set) var subprotocol: StaticString?

    init(_ connection: HTTPConnectionHandler) {
        // The connection object owns this one, and frees it when it is freed itself.
        owner = ImmortalReference(connection)
    }

    // MARK: Receiving

    /// Whether the message was sent as text; then it is UTF-8. Otherwise it was sent as binary.
    public var isText: Bool { assembler.isText }

    /// The code of the Close frame that the peer has sent; nil if none has come or if it had none.
    public var peerCloseCode: CloseCode? { assembler.peerCloseCode }

    /// The message. Good until the next ``receive()``, or the handler's return.
    public var message: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // SAFETY: the connection object owns this one, so both are there as long as this is.
            let connection = connection
            connection.checkHome()
            let message = assembler.message(in: connection.input)
            return unsafe _overrideLifetime(message, borrowing: self)
        }
    }

    /// The request that opened the WebSocket: for sessions, before their first ``receive()``.
    public var request: Exchange {
        precondition(requestLength > 0, "the request is gone after the first receive()")
        return connection.exchange
    }

    /// Waits for the next message, and shows it as ``message``.
    ///
    /// - Returns: false when the WebSocket is closed.
    /// - Throws: ``WebSocketError``: let it through.
    public func receive() async throws(WebSocketError) -> Bool {
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

    /// Sends a text message.
    ///
    /// - Parameter text: UTF-8.
    /// - Throws: ``WebSocketError``; `.invalidText` if it is not UTF-8, and then nothing was sent.
    public func send(text: borrowing Span<UInt8>) async throws(WebSocketError) {
        guard text.isUTF8 else { throw .invalidText }
        try await send(.text, text)
    }

    /// Sends a literal as a text message.
    public func send(text: StaticString) async throws(WebSocketError) { try await send(.text, text.bytes) }

    /// Sends a binary message.
    public func send(binary: borrowing Span<UInt8>) async throws(WebSocketError) { try await send(.binary, binary) }

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

    /// Begins to close: sends a Close frame, after which nothing can be sent. Once the handler has returned, the peer
    /// has `ServerSettings.closeTimeout` to answer.
    ///
    /// - Parameters:
    ///   - code: traps if it is one that must not be sent.
    ///   - reason: UTF-8 for people to read; cut to 123 bytes.
    public func close(code: CloseCode = .normal, reason: StaticString = "") async throws(WebSocketError) {
        connection.checkHome()
        guard assembler.readyState == .open else { return }
        if lacks(Config.maxControlFrame) { try await flush() }
        assembler.close(code, reason: reason, &connection.output)
        idleState.hasSentClose = true
        hasDeadline = false
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

/// Why a message could not be received or sent. The socket is useless after any of these: let the error through.
public enum WebSocketError: Error, Sendable {
    /// The connection failed.
    case connection(ConnectionError)
    /// The peer broke a rule or a limit, or is silent: a Close frame tells it so.
    case failure(WebSocketFailure)
    /// A Close frame was sent or received already.
    case closed
    /// The handler sent text that is not UTF-8.
    case invalidText
}

/// What `ConnectionHandler.protocolState` says of a connection that has become a WebSocket.
///
///     bit 31      30 … 11    10     9            8            7 … 0
///     WebSocket   0          echo   Close sent   Ping sent    number of the route
///
/// While the connection speaks HTTP the word counts bytes of a head, and its highest bit is never set.
struct IdleWebSocketState {
    private(set) var rawValue: UInt32

    /// The word that a slot has.
    @inline(__always)
    init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// A WebSocket that has just been opened.
    init(route: Int, isEcho: Bool) { rawValue = 1 << 31 | (isEcho ? 1 << 10 : 0) | UInt32(route) }

    /// Whether the connection is a WebSocket at all.
    @inline(__always)
    var isWebSocket: Bool { rawValue >> 31 != 0 }

    /// Which of the router's WebSocket routes it is on.
    @inline(__always)
    var route: Int { Int(rawValue & 0xFF) }

    /// Whether the route sends messages back.
    @inline(__always)
    var isEcho: Bool { rawValue & 1 << 10 != 0 }

    /// Whether this side has sent a Close frame, after which it sends nothing.
    @inline(__always)
    var hasSentClose: Bool {
        get { rawValue & 1 << 9 != 0 }
        set { set(9, newValue) }
    }

    /// Whether a Ping was sent, and nothing has come since.
    @inline(__always)
    var awaitsLife: Bool {
        get { rawValue & 1 << 8 != 0 }
        set { set(8, newValue) }
    }

    /// How long, in milliseconds, the peer may be silent in this state.
    ///
    /// - Parameter drainDelay: the time until the WebSocket closes because the process drains; nil if it does not.
    @inline(__always)
    func idleTimeout(_ settings: ServerSettings, _ drainDelay: Int?) -> Int {
        if hasSentClose { return settings.closeTimeout.rawValue }
        let timeout = (awaitsLife ? settings.pingTimeout : settings.pingInterval).rawValue
        return Swift.min(timeout, drainDelay ?? timeout)
    }

    @inline(__always)
    private mutating func set(_ bit: UInt32, _ isSet: Bool) {
        rawValue = isSet ? rawValue | 1 << bit : rawValue & ~(1 << bit)
    }
}

/// Writes `[WS] fd=7 message kind=text bytes=20`. Equal messages that follow each other in one batch share a line, with
/// ` repeat=N`.
struct MessageLog {
    private var isText = false
    private var bytes = -1
    /// Messages that have no line yet.
    private var count = 0
    /// What a line says of such a message.
    private var text: [64 of UInt8] = .init(repeating: 0)
    private var textCount = 0

    /// A message was received.
    @inline(__always)
    mutating func add(isText: Bool, bytes: Int, _ descriptor: FileDescriptor) {
        if bytes != self.bytes || isText != self.isText { remember(isText: isText, bytes: bytes, descriptor) }
        count += 1
    }

    @inline(never)
    private mutating func remember(isText: Bool, bytes: Int, _ descriptor: FileDescriptor) {
        flush(descriptor)
        self.isText = isText
        self.bytes = bytes
        textCount = text.write { text in
            text.append(" message kind=", isText ? "text" : "binary")
            text.append(" bytes=", bytes)
        }
    }

    /// The batch ends, or a line of another kind follows.
    @inline(__always)
    mutating func flush(_ descriptor: FileDescriptor) {
        if count > 0 { write(descriptor) }
    }

    @inline(never)
    private mutating func write(_ descriptor: FileDescriptor) {
        defer { count = 0 }
        Log.write(.ws, descriptor, text.span.extracting(first: textCount), repeat: count)
    }
}

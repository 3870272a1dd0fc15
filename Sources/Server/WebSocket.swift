// Sources/Server/WebSocket.swift — a WebSocket as handlers see it.

import Bytes
import HTTP
import Linux
import Net
import Runtime
import WebSocket

/// A WebSocket (RFC 6455), the server's side. It is the handler's for the time of its call only.
///
///     ┌──────┐ close(code:reason:), a failure, the process drains  ┌─────────┐ the peer's Close, or the time is up
///     │ open │ ──────────────────────────────────────────────────▶ │ closing │ ─────────────────────────┐
///     └──────┘                                                     └─────────┘                          ▼
///        │ the peer's Close: it is answered with the same code                                     ┌────────┐
///        └───────────────────────────────────────────────────────────────────────────────────────▶ │ closed │
///                                                                                                  └────────┘
///
/// Messages are whole when a handler sees them; Pings, Pongs and Closes are dealt with on the way. What the handler
/// sends is gathered, and leaves when it suspends or returns: many small messages in one system call.
@safe public final class WebSocket {
    // SAFETY: the connection object owns this one, and its task owns the connection object while anything runs here.
    private let owner: Unmanaged<HTTPConnectionHandler>
    @unsafe var connection: HTTPConnectionHandler {
        @inline(__always) get { unsafe owner._withUnsafeGuaranteedRef { $0 } }
    }

    /// What stays when the connection is idle.
    var word = IdleWebSocketState(0)
    /// What ``serveWithoutSuspending(_:)`` left to be done; nil if it has not begun.
    var unfinished: Unfinished?
    /// Whether neither side sends anything any more.
    var isClosed = false
    /// Whether the deadline that belongs to the state has been set.
    var hasDeadline = false
    /// Bytes of the request that are still in the input, for a session to look at.
    var requestLength = 0

    // Between the frames and inside of them; see WebSocket+Frames.swift.
    var decoder = FrameDecoder()
    var utf8 = UTF8Validator()
    var store = ByteStore()
    var key: UInt32 = 0
    var remaining = 0
    var frameIsFinal = false

    // The message that the handler sees.
    var hasMessage = false
    var isStored = false
    var messageRange = 0..<0
    var log = MessageLog()

    /// Whether the message was sent as text; then it is UTF-8. Otherwise it was sent as binary.
    public internal(set) var isText = false
    /// The code of the Close frame that the peer has sent; nil if none has come or if it had none.
    public internal(set) var peerCloseCode: CloseCode?
    /// The subprotocol that was chosen: for sessions.
    public internal(set) var subprotocol: StaticString?

    init(_ connection: HTTPConnectionHandler) { unsafe owner = Unmanaged.passUnretained(connection) }

    // MARK: Receiving

    /// The message. Good until the next ``receive()``, or the handler's return.
    public var message: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // SAFETY: the connection object owns this one, so both are there as long as this is.
            if isStored { return unsafe _overrideLifetime(store.bytes, borrowing: self) }
            let connection = unsafe connection
            let input = connection.input
            return unsafe _overrideLifetime(input.extracting(messageRange), borrowing: self)
        }
    }

    /// The request that opened the WebSocket: for sessions, before their first ``receive()``.
    public var request: Exchange {
        precondition(requestLength > 0, "the request is gone after the first receive()")
        return unsafe connection.exchange
    }

    /// Waits for the next message, and shows it as ``message``.
    ///
    /// - Returns: false when the WebSocket is closed.
    /// - Throws: ``WebSocketError``: let it through.
    public func receive() async throws(WebSocketError) -> Bool {
        endMessage()
        while true {
            switch try step() {
            case .again: break
            case .message:
                unsafe connection.clearDeadline()
                hasDeadline = false
                return true
            case .needsRoom: try await flush()
            case .needsInput: try await wait()
            case .closed: return false
            }
        }
    }

    // MARK: Sending

    /// Sends a text message.
    ///
    /// - Parameter text: UTF-8.
    /// - Throws: ``WebSocketError``; `.invalidText` if it is no UTF-8, and then nothing was sent.
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
        guard !word.hasSentClose, !isClosed else { throw .closed }
        do throws(ConnectionError) {
            try await unsafe connection.catchUp()
            if lacks(FrameHeader.maxSentCount) { try await unsafe connection.flush() }
            unsafe connection.output.append(frameHead: opcode, payloadCount: payload.count)
            try await unsafe connection.write(payload)
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
        guard !word.hasSentClose, !isClosed else { return }
        if lacks(Config.maxControlFrame) { try await flush() }
        sendClose(code, reason)
    }

    // MARK: The connection

    /// Whether the output has no room for `byteCount` more bytes.
    @inline(__always)
    func lacks(_ byteCount: Int) -> Bool { unsafe connection.output.remaining < byteCount }

    @inline(never)
    func flush() async throws(WebSocketError) {
        do throws(ConnectionError) {
            try await unsafe connection.flush()
            hasDeadline = false
        } catch {
            throw .connection(error)
        }
    }

    var descriptor: FileDescriptor { unsafe connection.descriptor }
}

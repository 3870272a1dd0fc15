// Sources/Server/WebSocket.swift — a WebSocket as handlers see it.

import Bytes
import HTTP
import WebSocket

/// A WebSocket (RFC 6455), the server's side. It belongs to a handler for the time of the handler's call only.
///
/// Messages are whole when a handler sees them; Pings, Pongs and Closes are dealt with on the way. What the handler
/// sends is gathered, and leaves when it suspends or returns: many small messages in one system call.
///
/// Its calls throw the handler's own type, `Failure`: a ``WebSocketError`` is converted to it. Let it through.
///
/// - Invariant: what ``message`` shows belongs to the connection, which outlives the handler's call.
@safe public struct WebSocket<Failure: SessionError> {
    let state: WebSocketState

    @inline(__always)
    init(_ state: WebSocketState) { self.state = state }

    // MARK: Receiving

    /// The subprotocol that was chosen: for sessions.
    @inline(__always)
    public var subprotocol: StaticString? { state.subprotocol }

    /// Whether the message was sent as text; then it is UTF-8. Otherwise it was sent as binary.
    @inline(__always)
    public var isText: Bool { state.isText }

    /// The code of the Close frame that the peer has sent; nil if none has come or if it had none.
    @inline(__always)
    public var peerCloseCode: CloseCode? { state.peerCloseCode }

    /// The message. Good until the next ``receive()``, or the handler's return.
    public var message: Span<UInt8> {
        @_lifetime(borrow self)
        // SAFETY: the invariant.
        @inline(__always) get { unsafe _overrideLifetime(state.message, borrowing: self) }
    }

    /// The request that opened the WebSocket: for sessions, before their first ``receive()``.
    @inline(__always)
    public var request: Exchange<ExchangeError> { Exchange(state.request) }

    /// Waits for the next message, and shows it as ``message``.
    ///
    /// - Returns: false when the WebSocket is closed.
    /// - Throws: a ``WebSocketError``, converted.
    @inline(__always)
    public func receive() async throws(Failure) -> Bool {
        do throws(WebSocketError) { return try await state.receive() } catch { throw Failure(state.note(error)) }
    }

    // MARK: Sending

    /// Sends a text message. Waits while the peer does not read what was sent before.
    ///
    /// - Parameter text: UTF-8.
    /// - Throws: a ``WebSocketError``, converted; `.invalidText` if it is not UTF-8, and then nothing was sent.
    @inline(__always)
    public func send(text: borrowing Span<UInt8>) async throws(Failure) {
        guard text.isUTF8 else { throw Failure(state.note(.invalidText)) }
        do throws(WebSocketError) { try await state.send(.text, text) } catch { throw Failure(state.note(error)) }
    }

    /// Sends a literal as a text message.
    ///
    /// - Throws: a ``WebSocketError``, converted.
    @inline(__always)
    public func send(text: StaticString) async throws(Failure) {
        do throws(WebSocketError) { try await state.send(.text, text.bytes) } catch { throw Failure(state.note(error)) }
    }

    /// Sends a binary message.
    ///
    /// - Throws: a ``WebSocketError``, converted.
    @inline(__always)
    public func send(binary: borrowing Span<UInt8>) async throws(Failure) {
        do throws(WebSocketError) { try await state.send(.binary, binary) } catch { throw Failure(state.note(error)) }
    }

    /// Begins to close: sends a Close frame, after which nothing can be sent. Once the handler has returned, the peer
    /// has `ServerSettings.closeTimeout` to answer.
    ///
    /// - Parameters:
    ///   - code: traps if it is one that must not be sent.
    ///   - reason: UTF-8 for people to read; cut to 123 bytes.
    /// - Throws: a ``WebSocketError``, converted.
    @inline(__always)
    public func close(code: CloseCode = .normal, reason: StaticString = "") async throws(Failure) {
        do throws(WebSocketError) {
            try await state.close(code: code, reason: reason)
        } catch {
            throw Failure(state.note(error))
        }
    }
}

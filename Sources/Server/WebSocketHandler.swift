// Sources/Server/WebSocketHandler.swift — a handler of WebSockets, whatever type it throws.

import Primitives

/// What serves a message of a WebSocket, or the whole of its life. A class, since to call a closure that calls another
/// one would cost each message a frame more.
class WebSocketHandler: @unchecked Sendable {
    // SHARED: not changed.

    init() { makeImmortal(self) }

    /// Serves it, and ends the WebSocket if the handler throws an error.
    func serve(_ state: WebSocketState) async throws(WebSocketError) {}
}

/// A handler that throws errors of its own.
final class TypedWebSocketHandler<Failure: SessionError>: WebSocketHandler, @unchecked Sendable {
    private let body: @Sendable (WebSocket<Failure>) async throws(Failure) -> Void

    init(_ body: @escaping @Sendable (WebSocket<Failure>) async throws(Failure) -> Void) { self.body = body }

    override func serve(_ state: WebSocketState) async throws(WebSocketError) {
        do throws(Failure) {
            try await body(WebSocket(state))
        } catch {
            try await state.fail(error.closeCode, error.closeReason)
        }
    }
}

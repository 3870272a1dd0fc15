// Sources/Server/WebSocketError.swift — why a WebSocket could not go on.

import Net
import WebSocket

/// Why a message could not be received or sent. The socket is of no more use after any of these: let it through.
public enum WebSocketError: Error, Sendable {
    /// The connection failed.
    case connection(ConnectionError)
    /// The peer broke a rule or a limit, or is silent: it is told so in a Close frame.
    case failure(WebSocketFailure)
    /// A Close frame was sent or received already.
    case closed
    /// What was to be sent as text is not UTF-8.
    case invalidText
}

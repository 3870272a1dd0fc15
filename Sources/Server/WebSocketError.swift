// Sources/Server/WebSocketError.swift — how a WebSocket's calls can fail, and what its handlers may throw.

import Net
import WebSocket

/// An error that a handler of a WebSocket throws, and that says with which code the WebSocket is closed.
///
/// A handler names its type: `{ socket throws(ChatError) in … }`. What the WebSocket's own calls throw is converted to
/// it. If it was one of those that has ended the WebSocket, because the connection or the peer failed, the peer is told
/// that and not ``closeCode``.
public protocol SessionError: Error {
    /// The code of the Close frame. One that must not be sent counts as 1011, which is the default.
    var closeCode: CloseCode { get }
    /// UTF-8 for people to read, cut to 123 bytes; "internal error" by default.
    var closeReason: StaticString { get }
    /// The error that stands for one of the WebSocket's own.
    init(_ error: WebSocketError)
}

extension SessionError {
    /// 1011.
    public var closeCode: CloseCode { .internalError }
    /// That of 1011.
    public var closeReason: StaticString { WebSocketFailure.handlerFailed.reason }
}

/// Why a message could not be received or sent. The socket is useless after any of these: let the error through.
public enum WebSocketError: SessionError, Sendable {
    /// The connection failed.
    case connection(ConnectionError)
    /// The peer broke a rule or a limit, or is silent: a Close frame tells it so.
    case failure(WebSocketFailure)
    /// A Close frame was sent or received already.
    case closed
    /// The handler sent text that is not UTF-8.
    case invalidText

    /// The error itself.
    @inline(__always)
    public init(_ error: WebSocketError) { self = error }

    /// The failure's; else 1011.
    public var closeCode: CloseCode {
        if case .failure(let failure) = self { failure.code } else { .internalError }
    }

    /// The failure's.
    public var closeReason: StaticString {
        if case .failure(let failure) = self { failure.reason } else { WebSocketFailure.handlerFailed.reason }
    }
}

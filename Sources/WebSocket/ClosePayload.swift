// Sources/WebSocket/ClosePayload.swift — what a Close frame says.

import Bytes

/// The payload of a Close frame (RFC 6455 §5.5.1).
public struct ClosePayload: Equatable, Sendable {
    /// The code; nil if the payload is empty.
    public let code: CloseCode?
    /// Offset of the reason, which reaches to the payload's end and may be empty.
    public let reasonStart: Int

    /// Reads an unmasked payload.
    ///
    /// - Throws: ``WebSocketFailure/shortClosePayload``, ``WebSocketFailure/badCloseCode`` or
    ///   ``WebSocketFailure/invalidUTF8``.
    public static func parse(_ payload: Span<UInt8>) throws(WebSocketFailure) -> ClosePayload {
        guard payload.count > 0 else { return ClosePayload(code: nil, reasonStart: 0) }
        guard payload.count >= 2 else { throw .shortClosePayload }
        let code = CloseCode(rawValue: UInt16(payload[0]) &<< 8 | UInt16(payload[1]))
        guard code.mayBeSent else { throw .badCloseCode }
        guard payload.extracting(droppingFirst: 2).isUTF8 else { throw .invalidUTF8 }
        return ClosePayload(code: code, reasonStart: 2)
    }
}

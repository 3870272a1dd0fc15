// Sources/WebSocket/CloseCode.swift — why a WebSocket is closed, and the Close frame that says so.

import Bytes

/// A code of a Close frame (RFC 6455 §7.4, and IANA's registry of close codes).
public struct CloseCode: RawRepresentable, Equatable, Sendable {
    /// The number.
    public let rawValue: UInt16

    /// The code with this number, whatever it is.
    @inline(__always)
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Whether the code may stand in a Close frame (§7.4.1, §7.4.2).
    ///
    /// Below 1000 none may, and of the protocol's own, 1000...2999, those that are registered for it; 3000...3999 are
    /// for libraries and 4000...4999 for applications.
    @inline(__always)
    public var mayBeSent: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

/// The codes that have a name.
extension CloseCode {
    /// 1000: the purpose is fulfilled.
    @inline(__always)
    public static var normal: CloseCode { CloseCode(rawValue: 1000) }
    /// 1001: the server stops, or the page was left.
    @inline(__always)
    public static var goingAway: CloseCode { CloseCode(rawValue: 1001) }
    /// 1002: the peer broke the protocol.
    @inline(__always)
    public static var protocolError: CloseCode { CloseCode(rawValue: 1002) }
    /// 1003: a kind of message that the endpoint does not accept.
    @inline(__always)
    public static var unsupportedData: CloseCode { CloseCode(rawValue: 1003) }
    /// 1005: there was no code. Never sent.
    @inline(__always)
    public static var noStatus: CloseCode { CloseCode(rawValue: 1005) }
    /// 1006: there was no Close frame. Never sent.
    @inline(__always)
    public static var abnormal: CloseCode { CloseCode(rawValue: 1006) }
    /// 1007: data that is not what its kind promises, such as text that is not UTF-8.
    @inline(__always)
    public static var invalidData: CloseCode { CloseCode(rawValue: 1007) }
    /// 1008: a message against the rules of the application.
    @inline(__always)
    public static var policyViolation: CloseCode { CloseCode(rawValue: 1008) }
    /// 1009: a message that is too big.
    @inline(__always)
    public static var messageTooBig: CloseCode { CloseCode(rawValue: 1009) }
    /// 1010: the client wanted an extension that the server does not speak. Sent by clients only.
    @inline(__always)
    public static var mandatoryExtension: CloseCode { CloseCode(rawValue: 1010) }
    /// 1011: the server could not do what it should.
    @inline(__always)
    public static var internalError: CloseCode { CloseCode(rawValue: 1011) }
    /// 1012: the server restarts.
    @inline(__always)
    public static var serviceRestart: CloseCode { CloseCode(rawValue: 1012) }
    /// 1013: the server is overloaded; the client may come again.
    @inline(__always)
    public static var tryAgainLater: CloseCode { CloseCode(rawValue: 1013) }
    /// 1014: a gateway got an invalid answer.
    @inline(__always)
    public static var badGateway: CloseCode { CloseCode(rawValue: 1014) }
    /// 1015: there was no TLS handshake. Never sent.
    @inline(__always)
    public static var tlsHandshake: CloseCode { CloseCode(rawValue: 1015) }
    /// 3000: the client must authenticate itself.
    @inline(__always)
    public static var unauthorized: CloseCode { CloseCode(rawValue: 3000) }
    /// 3003: the client is authenticated and lacks the permission.
    @inline(__always)
    public static var forbidden: CloseCode { CloseCode(rawValue: 3003) }
    /// 3008: something took too long.
    @inline(__always)
    public static var timeout: CloseCode { CloseCode(rawValue: 3008) }
}

/// The payload of a Close frame (RFC 6455 §5.5.1).
package struct ClosePayload: Equatable, Sendable {
    /// The code; nil if the payload is empty.
    package let code: CloseCode?
    /// Offset of the reason, which reaches to the payload's end and may be empty.
    package let reasonStart: Int

    /// Reads an unmasked payload.
    ///
    /// - Throws: ``WebSocketFailure/shortClosePayload``, ``WebSocketFailure/badCloseCode`` or
    ///   ``WebSocketFailure/invalidUTF8``.
    package static func parse(_ payload: Span<UInt8>) throws(WebSocketFailure) -> ClosePayload {
        guard payload.count > 0 else { return ClosePayload(code: nil, reasonStart: 0) }
        guard payload.count >= 2 else { throw .shortClosePayload }
        let code = CloseCode(rawValue: UInt16(payload[0]) &<< 8 | UInt16(payload[1]))
        guard code.mayBeSent else { throw .badCloseCode }
        guard payload.extracting(droppingFirst: 2).isUTF8 else { throw .invalidUTF8 }
        return ClosePayload(code: code, reasonStart: 2)
    }
}

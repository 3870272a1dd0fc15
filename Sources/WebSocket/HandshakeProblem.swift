// Sources/WebSocket/HandshakeProblem.swift — why no WebSocket is opened.

import HTTP

/// What is wrong with a request to open a WebSocket.
public enum HandshakeProblem: Error, Equatable, Sendable {
    /// Not GET, not HTTP/1.1, or without `Connection: Upgrade` or `Upgrade: websocket`.
    case notAnUpgrade
    /// The request has a body.
    case hasBody
    /// No Sec-WebSocket-Version.
    case missingVersion
    /// A Sec-WebSocket-Version other than 13, or more than one.
    case wrongVersion
    /// No Sec-WebSocket-Key.
    case missingKey
    /// A Sec-WebSocket-Key that is not 16 bytes in Base64, or more than one.
    case malformedKey
    /// An Origin that is not in the list, or none, or more than one.
    case originForbidden

    /// The status to answer with.
    public var status: Status {
        switch self {
        case .notAnUpgrade, .missingVersion, .wrongVersion: .upgradeRequired
        case .hasBody, .missingKey, .malformedKey: .badRequest
        case .originForbidden: .forbidden
        }
    }

    /// Field lines that the answer must have, each with its CRLF: what 426 demands (RFC 9110 §15.5.22), and the version
    /// that is spoken here (RFC 6455 §4.4).
    public var fields: StaticString {
        switch self {
        case .notAnUpgrade: "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        case .missingVersion, .wrongVersion:
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        case .hasBody, .missingKey, .malformedKey, .originForbidden: ""
        }
    }
}

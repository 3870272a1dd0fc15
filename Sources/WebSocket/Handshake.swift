// Sources/WebSocket/Handshake.swift — the opening handshake (RFC 6455 §4.2): judged, refused, answered.

import Bytes
import HTTP

/// The server's side of the opening handshake (RFC 6455 §4.2).
///
/// Extensions are never accepted, so `Sec-WebSocket-Extensions` is not looked at.
package enum Handshake {
    /// What is wrong with a request to open a WebSocket; nil if nothing is (RFC 6455 §4.2.1).
    ///
    /// The parser of requests has seen to Host already.
    ///
    /// - Parameter allowedOrigins: origins with spaces between them, compared without regard to the case of ASCII
    ///   letters; one of them must be the value of the one Origin field. Empty, or with `*` among them: Origin does not
    ///   matter.
    package static func judge(
        _ head: RequestHead, in bytes: Span<UInt8>, allowedOrigins: Span<UInt8>
    ) -> HandshakeProblem? {
        guard head.method == .get, head.wantsWebSocket else { return .notAnUpgrade }
        guard case .none = head.framing else { return .hasBody }

        guard let version = head.field(.webSocketVersion, in: bytes) else { return .missingVersion }
        guard !head.known.isRepeated(.webSocketVersion), version.equals("13") else { return .wrongVersion }

        guard let key = head.field(.webSocketKey, in: bytes) else { return .missingKey }
        guard !head.known.isRepeated(.webSocketKey), Base64.decodedCount(key) == 16 else { return .malformedKey }

        return allows(head, in: bytes, allowedOrigins) ? nil : .originForbidden
    }

    /// Whether the client offers the subprotocol `name`, letters as they are, in any of its Sec-WebSocket-Protocol
    /// fields (RFC 6455 §11.3.4).
    package static func offers(_ name: StaticString, _ head: RequestHead, in bytes: Span<UInt8>) -> Bool {
        var values = KnownFieldIterator(.webSocketProtocol, head)
        while let range = values.next(in: bytes) {
            let value = bytes[range]
            var offered = ListIterator(value)
            while let range = offered.next(in: value) {
                if value.extracting(range).equals(name) { return true }
            }
        }
        return false
    }

    /// Whether the request's Origin is one of `allowedOrigins` (RFC 6455 §10.2).
    private static func allows(_ head: RequestHead, in bytes: Span<UInt8>, _ allowedOrigins: Span<UInt8>) -> Bool {
        guard allowedOrigins.count > 0 else { return true }
        let isUnique = !head.known.isRepeated(.origin)
        let origin = bytes[head.known[.origin]]
        var start = 0
        while start < allowedOrigins.count {
            let end = allowedOrigins.firstIndex(of: .space, in: start..<allowedOrigins.count)
            let allowed = allowedOrigins.extracting(start..<end)
            if allowed.equals("*") { return true }
            if isUnique, origin.count > 0, allowed.equalsIgnoringCase(origin) { return true }
            start = end &+ 1
        }
        return false
    }
}

/// What is wrong with a request to open a WebSocket.
package enum HandshakeProblem: Error, Equatable, Sendable {
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
    package var status: Status {
        switch self {
        case .notAnUpgrade, .missingVersion, .wrongVersion: .upgradeRequired
        case .hasBody, .missingKey, .malformedKey: .badRequest
        case .originForbidden: .forbidden
        }
    }

    /// Field lines that the answer must have, each with its CRLF: what 426 demands (RFC 9110 §15.5.22), and the version
    /// that is spoken here (RFC 6455 §4.4).
    package var fields: StaticString {
        switch self {
        case .notAnUpgrade: "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        case .missingVersion, .wrongVersion:
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        case .hasBody, .missingKey, .malformedKey, .originForbidden: ""
        }
    }
}

extension ByteWriter {
    /// Appends the whole response that opens a WebSocket (RFC 6455 §4.2.2): at most 129 bytes without a subprotocol.
    ///
    /// - Parameters:
    ///   - key: the value of the request's Sec-WebSocket-Key, as ``Handshake/judge(_:in:allowedOrigins:)`` passed it.
    ///   - subprotocol: one that the client offers, or nil.
    package mutating func append(switchingProtocolsFor key: Span<UInt8>, subprotocol: StaticString?) {
        append(statusLine: .switchingProtocols)
        append("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ")
        append(acceptFor: key)
        if let subprotocol { append("\r\nSec-WebSocket-Protocol: ", subprotocol) }
        append("\r\n\r\n")
    }

    /// Appends what proves that a key was understood: the Base64 of the SHA-1 of key and GUID, 28 letters (§4.2.2,
    /// 5.4).
    ///
    /// - Parameter key: 24 letters.
    package mutating func append(acceptFor key: Span<UInt8>) {
        precondition(key.count == 24)
        var text: [60 of UInt8] = .init(repeating: 0)
        _ = text.write { writer in
            writer.append(key)
            writer.append("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
        }
        let hash = SHA1.hash(text.span)
        append(base64: hash.span)
    }
}

// Sources/WebSocket/ByteWriter+Handshake.swift — writing the answer that opens a WebSocket.

import Bytes
import HTTP

extension ByteWriter {
    /// Appends the whole response that opens a WebSocket (RFC 6455 §4.2.2): at most 129 bytes without a subprotocol.
    ///
    /// - Parameters:
    ///   - key: the value of the request's Sec-WebSocket-Key, as ``Handshake/judge(_:in:allowedOrigins:)`` passed it.
    ///   - subprotocol: one that the client offers, or nil.
    public mutating func append(switchingProtocolsFor key: Span<UInt8>, subprotocol: StaticString?) {
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
    public mutating func append(acceptFor key: Span<UInt8>) {
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

// Sources/WebSocket/Handshake.swift — judges requests to open a WebSocket.

import Bytes
import HTTP

/// The server's side of the opening handshake (RFC 6455 §4.2).
///
/// Extensions are never accepted, so `Sec-WebSocket-Extensions` is not looked at.
public enum Handshake {
    /// What is wrong with a request to open a WebSocket; nil if nothing is (RFC 6455 §4.2.1).
    ///
    /// The parser of requests has seen to Host already.
    ///
    /// - Parameter allowedOrigins: origins with spaces between them, compared without regard to the case of ASCII
    ///   letters; one of them must be the value of the one Origin field. Empty, or with `*` among them: Origin does not
    ///   matter.
    public static func judge(
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
    public static func offers(_ name: StaticString, _ head: RequestHead, in bytes: Span<UInt8>) -> Bool {
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

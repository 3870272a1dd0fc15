// Sources/HTTP/KnownField.swift — the fields that the parser notes while it passes them.

import Utilities

/// A field that ``RequestHead`` remembers the place of.
///
/// To add one: a case here, its name in ``init(_:)``, and the count of ``KnownFields``.
public enum KnownField: UInt8, Sendable {
    /// Host (RFC 9110 §7.2)
    case host
    /// Connection (RFC 9110 §7.6.1)
    case connection
    /// Content-Length (RFC 9110 §8.6)
    case contentLength
    /// Transfer-Encoding (RFC 9112 §6.1)
    case transferEncoding
    /// Expect (RFC 9110 §10.1.1)
    case expect
    /// Upgrade (RFC 9110 §7.8)
    case upgrade
    /// If-None-Match (RFC 9110 §13.1.2)
    case ifNoneMatch
    /// Accept-Encoding (RFC 9110 §12.5.3)
    case acceptEncoding
    /// Origin (RFC 6454 §7)
    case origin
    /// Sec-WebSocket-Key (RFC 6455 §11.3.1)
    case webSocketKey
    /// Sec-WebSocket-Version (RFC 6455 §11.3.5)
    case webSocketVersion
    /// Sec-WebSocket-Protocol (RFC 6455 §11.3.4)
    case webSocketProtocol
    /// Sec-WebSocket-Extensions (RFC 6455 §11.3.2)
    case webSocketExtensions

    /// The known field of this name, in any case of letters, or nil.
    @inline(__always)
    init?(_ name: Span<UInt8>) {
        switch name.count {
        case 4 where name.equalsIgnoringCase("host"): self = .host
        case 6 where name.equalsIgnoringCase("expect"): self = .expect
        case 6 where name.equalsIgnoringCase("origin"): self = .origin
        case 7 where name.equalsIgnoringCase("upgrade"): self = .upgrade
        case 10 where name.equalsIgnoringCase("connection"): self = .connection
        case 13 where name.equalsIgnoringCase("if-none-match"): self = .ifNoneMatch
        case 14 where name.equalsIgnoringCase("content-length"): self = .contentLength
        case 15 where name.equalsIgnoringCase("accept-encoding"): self = .acceptEncoding
        case 17 where name.equalsIgnoringCase("transfer-encoding"): self = .transferEncoding
        case 17 where name.equalsIgnoringCase("sec-websocket-key"): self = .webSocketKey
        case 21 where name.equalsIgnoringCase("sec-websocket-version"): self = .webSocketVersion
        case 22 where name.equalsIgnoringCase("sec-websocket-protocol"): self = .webSocketProtocol
        case 24 where name.equalsIgnoringCase("sec-websocket-extensions"): self = .webSocketExtensions
        default: return nil
        }
    }
}

/// Where the known fields of one head lie.
public struct KnownFields: Sendable {
    /// The value of the first field of each name, without the white space around it.
    private var first: [13 of ByteRange] = .init(repeating: .absent)
    /// Bit n: the field with raw value n came more than once.
    private var repeated: UInt16 = 0

    /// No field was seen.
    @inline(__always)
    init() {}

    /// The value of the first field of this name; absent if there was none.
    @inline(__always)
    public subscript(field: KnownField) -> ByteRange { first[Int(field.rawValue)] }

    /// Whether there was more than one field of this name.
    @inline(__always)
    public func isRepeated(_ field: KnownField) -> Bool { repeated >> UInt16(field.rawValue) & 1 != 0 }

    /// Notes a field; the first of a name stays.
    @inline(__always)
    mutating func insert(_ field: KnownField, at value: ByteRange) {
        if self[field].isPresent {
            repeated |= 1 << UInt16(field.rawValue)
        } else {
            first[Int(field.rawValue)] = value
        }
    }
}

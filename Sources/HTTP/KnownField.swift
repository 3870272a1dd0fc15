// Sources/HTTP/KnownField.swift — the fields whose positions the parser records.

import Bytes

/// A field whose position ``RequestHead`` records.
///
/// To add one: a case here, its name's length in the initialiser, its name in the list, the bits of
/// ``NameFilter/known``, and the count of ``KnownFields``.
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
    /// If-Match (RFC 9110 §13.1.1)
    case ifMatch
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

    /// The known field whose name, in any case of letters, is `bytes[start..<end]`, or nil.
    @inline(__always)
    init?(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) {
        let first = bytes[start] | 0x20
        let candidate: KnownField
        switch end &- start {
        case 4: candidate = .host
        case 6: candidate = first == UInt8(ascii: "o") ? .origin : .expect
        case 7: candidate = .upgrade
        case 8: candidate = .ifMatch
        case 10: candidate = .connection
        case 13: candidate = .ifNoneMatch
        case 14: candidate = .contentLength
        case 15: candidate = .acceptEncoding
        case 17: candidate = first == UInt8(ascii: "t") ? .transferEncoding : .webSocketKey
        case 21: candidate = .webSocketVersion
        case 22: candidate = .webSocketProtocol
        case 24: candidate = .webSocketExtensions
        default: return nil
        }
        // Most other names of the same length begin with another letter.
        let place = Int(candidate.rawValue) &* nameWidth
        guard names.bytes[place] == first,
            bytes.extracting(start..<end).equalsIgnoringCase(names.bytes.extracting(place..<place &+ end &- start))
        else { return nil }
        self = candidate
    }
}

extension NameFilter {
    /// The names of all known fields.
    @inline(__always)
    static var known: NameFilter { NameFilter(bits: 0x200B_5320_0230_0008) }
}

/// The names in the order of their cases, each filled up to ``nameWidth``.
private let names: StaticString = """
    host                    \
    connection              \
    content-length          \
    transfer-encoding       \
    expect                  \
    upgrade                 \
    if-match                \
    if-none-match           \
    accept-encoding         \
    origin                  \
    sec-websocket-key       \
    sec-websocket-version   \
    sec-websocket-protocol  \
    sec-websocket-extensions
    """

/// Length of the longest name.
private let nameWidth = 24

/// Where the known fields of one head lie.
public struct KnownFields: Sendable {
    /// The value of the first field of each name, without the white space around it; of no meaning if there was none.
    private var first: [14 of ByteRange] = .init(repeating: .absent)
    /// Bit n: there was a field with raw value n.
    private var present: UInt16 = 0
    /// Bit n: there was more than one.
    private var repeated: UInt16 = 0

    /// No field was seen.
    @inline(__always)
    init() {}

    /// Forgets all fields. Cost: two stores.
    @inline(__always)
    mutating func removeAll() {
        present = 0
        repeated = 0
    }

    /// The value of the first field of this name; absent if there was none.
    @inline(__always)
    public subscript(field: KnownField) -> ByteRange {
        present &>> UInt16(field.rawValue) & 1 != 0 ? first[Int(field.rawValue)] : .absent
    }

    /// Whether there was an If-Match or an If-None-Match. Cost: one test of a word; the fields themselves would be
    /// copied to look at them.
    @inline(__always)
    public var hasConditions: Bool {
        let bits = present &>> UInt16(KnownField.ifMatch.rawValue) | present &>> UInt16(KnownField.ifNoneMatch.rawValue)
        return bits & 1 != 0
    }

    /// Whether there was more than one field of this name.
    @inline(__always)
    public func isRepeated(_ field: KnownField) -> Bool { repeated &>> UInt16(field.rawValue) & 1 != 0 }

    /// Notes a field; the first of a name stays. Returns whether there was one before.
    @inline(__always)
    mutating func insert(_ field: KnownField, at value: ByteRange) -> Bool {
        let bit: UInt16 = 1 &<< UInt16(field.rawValue)
        if present & bit != 0 {
            repeated |= bit
            return true
        }
        present |= bit
        first[Int(field.rawValue)] = value
        return false
    }

    /// Moves the ranges of all fields back by `distance` bytes.
    @inline(never)
    mutating func move(by distance: Int) {
        for index in first.indices where present &>> UInt16(index) & 1 != 0 {
            first[index] = ByteRange(first[index].start &+ distance, first[index].end &+ distance)
        }
    }
}

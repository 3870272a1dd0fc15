// Sources/HTTP/RequestHead.swift — what the head of a request says, and where its parts lie.

import Bytes

/// How long the body of a request is (RFC 9112 §6.3).
public enum BodyFraming: Equatable, Sendable {
    /// There is none.
    case none
    /// As many bytes as Content-Length says, at least one.
    case sized(UInt64)
    /// In chunks.
    case chunked
}

/// A valid request head: facts, and where things lie in the bytes that it was parsed from.
///
/// Holds no pointer. Every `in bytes:` parameter wants those same bytes, from the same first byte on; a copy of them at
/// another address works too. Other bytes give wrong results or a trap, never a read outside of them.
public struct RequestHead: Sendable {
    /// The method.
    public internal(set) var method = Method.other
    /// The version, 1.0 or 1.1.
    public internal(set) var version = Version.http11
    /// Whether the connection may serve another request after this one (RFC 9112 §9.3).
    public internal(set) var keepsAlive = true
    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
    public internal(set) var expectsContinue = false
    /// Whether `Connection` has `upgrade` and `Upgrade` has `websocket`, in HTTP/1.1 (RFC 9110 §7.8).
    public internal(set) var wantsWebSocket = false
    /// Whether the fields called Accept-Encoding prefer a gzip-coded response (RFC 9110 §12.5.3).
    public internal(set) var prefersGzip = false
    /// Number of fields.
    public internal(set) var fieldCount: UInt16 = 0
    /// The body that follows the head.
    public internal(set) var framing = BodyFraming.none
    /// Length in bytes, with empty lines before it and the one that ends it: where the body begins.
    public internal(set) var length = 0
    /// Where the first field line begins.
    var fieldsStart = 0

    /// The method's token.
    public internal(set) var methodRange = ByteRange.absent
    /// The request target as it was sent.
    public internal(set) var target = ByteRange.absent
    /// The path: begins with "/", or is "*" (RFC 9112 §3.2.4), or is empty for CONNECT.
    ///
    /// It is raw: nothing is percent-decoded and no dot segment removed.
    public internal(set) var path = ByteRange.absent
    /// What follows the first "?"; absent if there is none, empty if nothing follows.
    public internal(set) var query = ByteRange.absent
    /// Host and port: of the target if it has them, else of the Host field (RFC 9112 §3.3).
    public internal(set) var authority = ByteRange.absent
    /// The values of the fields that ``KnownField`` lists.
    public internal(set) var known = KnownFields()

    /// An empty head, for ``RequestParser`` to fill.
    @inline(__always)
    public init() {}

    /// Forgets everything.
    @inline(__always)
    mutating func removeAll() {
        method = .other
        version = .http11
        keepsAlive = true
        expectsContinue = false
        wantsWebSocket = false
        prefersGzip = false
        fieldCount = 0
        framing = .none
        length = 0
        fieldsStart = 0
        methodRange = .absent
        target = .absent
        path = .absent
        query = .absent
        authority = .absent
        known.removeAll()
    }

    /// The value of the first field called `name`, in any case of letters; nil if there is none.
    ///
    /// Cost: a walk over the fields. Those that ``KnownField`` lists are in ``known`` at no cost.
    @_lifetime(copy bytes)
    public func field(_ name: StaticString, in bytes: Span<UInt8>) -> Span<UInt8>? {
        var fields = FieldIterator(self)
        while let field = fields.next(in: bytes) {
            if bytes[field.name].equalsIgnoringCase(name) { return bytes[field.value] }
        }
        return nil
    }

    /// The value of a known field; nil if there is none.
    @_lifetime(copy bytes)
    public func field(_ field: KnownField, in bytes: Span<UInt8>) -> Span<UInt8>? {
        let range = known[field]
        guard range.isPresent else { return nil }
        return bytes[range]
    }
}

/// A field line of a request.
public struct RequestField {
    /// The name as it was sent.
    public let name: ByteRange
    /// The value without the white space around it; it may be empty.
    public let value: ByteRange
}

/// Walks over all fields of a valid head, repeated ones too, in the order in which they were sent.
public struct FieldIterator {
    private var position: Int
    /// Offset of the empty line that ends the head.
    private let end: Int

    /// A walk over the fields of `head`.
    public init(_ head: RequestHead) {
        position = head.fieldsStart
        end = head.length - 2
    }

    /// The next field, or nil after the last one.
    public mutating func next(in bytes: Span<UInt8>) -> RequestField? {
        guard position < end else { return nil }
        let start = position
        // The head is valid: every line has a colon after its name, and ends where its first control byte is.
        let colon = bytes.firstIndex(of: UInt8(ascii: ":"), in: start..<end)
        let lineEnd = bytes.endOfText(from: colon)
        position = lineEnd + 2
        let value = bytes.trimmingBlanks(colon + 1..<lineEnd)
        return RequestField(
            name: ByteRange(start, colon), value: ByteRange(value.lowerBound, value.upperBound))
    }
}

/// The protocol version of a request. HTTP/1.2 and later 1.x count as 1.1 (RFC 9110 §2.5).
public enum Version: UInt8, Sendable {
    /// HTTP/1.0: no chunked coding, a connection ends with its reply unless keep-alive was asked for.
    case http10
    /// HTTP/1.1 or a later 1.x.
    case http11
}

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

/// Walks over the values of all fields with one name, in the order in which they were sent: together they are one list
/// (RFC 9110 §5.3). Cost: nothing if there is none, a walk over the head if there is more than one.
public struct KnownFieldIterator {
    private let field: KnownField
    private var first: ByteRange
    private var others: FieldIterator?

    /// A walk over the values of `field` in `head`.
    public init(_ field: KnownField, _ head: RequestHead) {
        self.field = field
        first = head.known[field]
        others = head.known.isRepeated(field) ? FieldIterator(head) : nil
    }

    /// The next value, or nil after the last one.
    public mutating func next(in bytes: Span<UInt8>) -> ByteRange? {
        while let other = others?.next(in: bytes) {
            if KnownField(bytes, other.name.start, other.name.end) == field { return other.value }
        }
        guard others == nil, first.isPresent else { return nil }
        defer { first = .absent }
        return first
    }
}

/// Walks over the elements of a list value (RFC 9110 §5.6.1): parts between commas, without the white space around
/// them.
///
/// Quoted strings are not looked into: for lists of tokens only. Empty elements are returned as empty ranges.
public struct ListIterator {
    private var position = 0
    private let end: Int
    private var isAtEnd = false

    /// A walk over the list that is all of `bytes`.
    @inline(__always)
    public init(_ bytes: Span<UInt8>) {
        end = bytes.count
    }

    /// The next element, or nil after the last one.
    @inline(never)
    public mutating func next(in bytes: Span<UInt8>) -> Range<Int>? {
        guard !isAtEnd else { return nil }
        let start = position
        let stop = bytes.firstIndex(of: UInt8(ascii: ","), in: start..<end)
        isAtEnd = stop == end
        position = stop + 1
        return bytes.trimmingBlanks(start..<stop)
    }
}

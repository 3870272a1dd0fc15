// Sources/HTTP/RequestHead.swift — what the head of a request says, and walks over its fields.

import Bytes

/// How long the body of a request is (RFC 9112 §6.3).
package enum BodyFraming: Equatable, Sendable {
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
package struct RequestHead: Sendable {
    /// The method.
    package internal(set) var method = Method.other
    /// The version, 1.0 or 1.1.
    package internal(set) var version = Version.http11
    /// Whether the connection may serve another request after this one (RFC 9112 §9.3).
    package internal(set) var keepsAlive = true
    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
    package internal(set) var expectsContinue = false
    /// Whether `Connection` has `upgrade` and `Upgrade` has `websocket`, in HTTP/1.1 (RFC 9110 §7.8).
    package internal(set) var wantsWebSocket = false
    /// Whether the fields called Accept-Encoding prefer a gzip-coded response (RFC 9110 §12.5.3).
    package internal(set) var prefersGzip = false
    /// Number of fields.
    package internal(set) var fieldCount: UInt16 = 0
    /// The body that follows the head.
    package internal(set) var framing = BodyFraming.none
    /// Length in bytes, with empty lines before it and the one that ends it: where the body begins.
    package internal(set) var length = 0
    /// Where the first field line begins.
    var fieldsStart = 0

    /// The method's token.
    package internal(set) var methodRange = ByteRange.absent
    /// The request target as it was sent.
    package internal(set) var target = ByteRange.absent
    /// The path: begins with "/", or is "*" (RFC 9112 §3.2.4), or is empty for CONNECT.
    ///
    /// It is raw: nothing is percent-decoded and no dot segment removed.
    package internal(set) var path = ByteRange.absent
    /// What follows the first "?"; absent if there is none, empty if nothing follows.
    package internal(set) var query = ByteRange.absent
    /// Host and port: of the target if it has them, else of the Host field (RFC 9112 §3.3).
    package internal(set) var authority = ByteRange.absent
    /// The values of the fields that ``KnownField`` lists.
    package internal(set) var known = KnownFields()

    /// An empty head, for ``RequestParser`` to fill.
    @inline(__always)
    package init() {}

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
    package func field(_ name: StaticString, in bytes: Span<UInt8>) -> Span<UInt8>? {
        var fields = FieldIterator(self)
        while let field = fields.next(in: bytes) {
            if bytes[field.name].equalsIgnoringCase(name) { return bytes[field.value] }
        }
        return nil
    }

    /// The value of a known field; nil if there is none.
    @_lifetime(copy bytes)
    package func field(_ field: KnownField, in bytes: Span<UInt8>) -> Span<UInt8>? {
        let range = known[field]
        guard range.isPresent else { return nil }
        return bytes[range]
    }
}

/// A field line of a request.
package struct RequestField {
    /// The name as it was sent.
    package let name: ByteRange
    /// The value without the white space around it; it may be empty.
    package let value: ByteRange
}

/// Walks over all fields of a valid head, repeated ones too, in the order in which they were sent.
package struct FieldIterator {
    private var position: Int
    /// Offset of the empty line that ends the head.
    private let end: Int

    /// A walk over the fields of `head`.
    package init(_ head: RequestHead) {
        position = head.fieldsStart
        end = head.length - 2
    }

    /// The next field, or nil after the last one.
    package mutating func next(in bytes: Span<UInt8>) -> RequestField? {
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

/// Walks over the values of all fields with one name, in the order in which they were sent: together they are one list
/// (RFC 9110 §5.3). Cost: nothing if there is none, a walk over the head if there is more than one.
package struct KnownFieldIterator {
    private let field: KnownField
    private var first: ByteRange
    private var others: FieldIterator?

    /// A walk over the values of `field` in `head`.
    package init(_ field: KnownField, _ head: RequestHead) {
        self.field = field
        first = head.known[field]
        others = head.known.isRepeated(field) ? FieldIterator(head) : nil
    }

    /// The next value, or nil after the last one.
    package mutating func next(in bytes: Span<UInt8>) -> ByteRange? {
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
package struct ListIterator {
    private var position = 0
    private let end: Int
    private var isAtEnd = false

    /// A walk over the list that is all of `bytes`.
    @inline(__always)
    package init(_ bytes: Span<UInt8>) {
        end = bytes.count
    }

    /// The next element, or nil after the last one.
    @inline(never)
    package mutating func next(in bytes: Span<UInt8>) -> Range<Int>? {
        guard !isAtEnd else { return nil }
        let start = position
        let stop = bytes.firstIndex(of: UInt8(ascii: ","), in: start..<end)
        isAtEnd = stop == end
        position = stop + 1
        return bytes.trimmingBlanks(start..<stop)
    }
}

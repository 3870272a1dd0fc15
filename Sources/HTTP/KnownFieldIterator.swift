// Sources/HTTP/KnownFieldIterator.swift — the values of all fields with one name.

import Bytes

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

// Sources/Bytes/LineWalk.swift — walks over the lines of a message's head.

import CBytes

/// A walk over lines that end with CRLF, up to the first control byte that ends none: see ``Span/endOfText(from:)``.
///
/// Holds offsets only, so the span is passed to each call. Cost: about 45 instructions for 64 bytes and 45 for a line.
public struct LineWalk: ~Copyable {
    private var walk = cbytes_walk(start: 0, name_end: 0, end: 0, next: 0, block: -64, found: 0, passes: 0)

    /// A walk that begins at offset 0.
    @inline(__always)
    package init() {}

    /// Goes to the next line of `bytes`, the same as in the call before and less than 4 GiB; false if there is none.
    ///
    /// Passes over at most ``passes`` field lines that end at `limit` at the latest and whose name is not in `names`;
    /// with the set of all names, over none.
    @inline(__always)
    package mutating func next(in bytes: Span<UInt8>, limit: Int, names: NameFilter) -> Bool {
        // SAFETY: the function reads at most `count` bytes from `base` on, and writes to `walk`.
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            return unsafe cbytes_next_line(&walk, base, buffer.count, limit, names.bits)
        }
    }

    /// Offset of the line's first byte.
    @inline(__always)
    package var start: Int { walk.start }
    /// Offset of the line's first byte that is not a letter, a digit or '-'; at most ``end``.
    @inline(__always)
    package var endOfName: Int { walk.name_end }
    /// Offset of the line's CRLF.
    @inline(__always)
    package var end: Int { walk.end }
    /// Where the next line begins, or the part of a line that is not whole yet.
    @inline(__always)
    package var position: Int { walk.next }

    /// How many lines ``next(in:limit:names:)`` may still pass over; 0 at first.
    @inline(__always)
    package var passes: Int {
        get { walk.passes }
        set { walk.passes = newValue }
    }
}

/// A set of field names as 64 bits: a name that is not in it may seem to be, one that is in it never seems not to be.
package struct NameFilter: Sendable {
    let bits: UInt64

    /// The set with these bits, which are a literal, so that they need no lazy initialisation. A unit test builds them
    /// again with ``bit(of:)``.
    @inline(__always)
    package init(bits: UInt64) { self.bits = bits }

    /// All names.
    @inline(__always)
    package static var all: NameFilter { NameFilter(bits: .max) }

    /// The bit that stands for `name`, which is not empty; the case of its letters does not matter.
    package static func bit(of name: Span<UInt8>) -> UInt64 {
        1 << UInt64(cbytes_name_bit(name[0] | 0x20, name.count))
    }
}

// Sources/Settings/Text.swift — text of any length.

import Bytes
import Linux

/// Bytes that grow, written a piece at a time: a line for a person, or a whole file.
///
/// The calls are not inlined: what runs once in a process's life should be small.
struct Text: Sendable {
    /// What was written.
    private(set) var bytes: [UInt8] = []

    /// Appends `piece`.
    @inline(never)
    mutating func add(_ piece: borrowing Span<UInt8>) {
        for index in piece.indices { bytes.append(piece[index]) }
    }

    /// Appends `piece`.
    @inline(never)
    mutating func add(_ piece: StaticString) { add(piece.bytes) }

    /// Appends `byte`.
    @inline(never)
    mutating func add(byte: UInt8) { bytes.append(byte) }

    /// Appends `number` in decimal.
    @inline(never)
    mutating func add(decimal number: Int) { add { $0.append(decimal: UInt64(truncatingIfNeeded: number)) } }

    /// Appends `piece`, of up to 255 bytes, with `\xHH` for what is not visible ASCII.
    ///
    /// - Parameter keepingSpaces: whether a space stays as it is.
    @inline(never)
    mutating func add(escaping piece: borrowing Span<UInt8>, keepingSpaces: Bool = true) {
        var room: [1024 of UInt8] = .init(repeating: 0)
        let count = room.write { $0.append(escaping: piece, keepingSpaces: keepingSpaces) }
        add(room.span.extracting(first: count))
    }

    /// Appends `address` as `Listen=` has it.
    @inline(never)
    mutating func add(_ address: SocketAddress) { add { address.write(into: &$0) } }

    /// Appends what `body` writes, up to 1 KiB.
    private mutating func add(_ body: (inout ByteWriter) -> Void) {
        var room: [1024 of UInt8] = .init(repeating: 0)
        let count = room.write(body)
        add(room.span.extracting(first: count))
    }

    /// Drops everything.
    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
}

extension Span where Element == UInt8 {
    /// Whether the bytes are exactly those of `literal`.
    @inline(never)
    func spells(_ literal: StaticString) -> Bool {
        equals(literal)
    }
}

// Sources/Settings/Text.swift — text of any length.

import Bytes

/// Bytes that grow, written a piece at a time.
struct Text: Sendable {
    /// What was written.
    private(set) var bytes: [UInt8] = []

    /// Appends `piece`.
    @inline(never)
    mutating func add(_ piece: borrowing Span<UInt8>) {
        for index in piece.indices { bytes.append(piece[index]) }
    }

    /// Appends what `body` writes, up to 1 KiB.
    @_optimize(size)
    @inline(never)
    mutating func add(_ body: (inout ByteWriter) -> Void) {
        var room: [1024 of UInt8] = .init(repeating: 0)
        let count = room.write(body)
        add(room.span.extracting(first: count))
    }

    /// Appends `piece`.
    @inline(never)
    mutating func add(_ piece: StaticString) { add(piece.bytes) }

    /// Drops everything.
    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
}

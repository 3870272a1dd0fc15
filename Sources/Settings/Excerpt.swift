// Sources/Settings/Excerpt.swift — the beginning of an argument, to show it again.

import Bytes

/// The first 48 bytes of an argument, kept for an error's text.
struct Excerpt: Sendable {
    private var storage: [48 of UInt8] = .init(repeating: 0)
    private var count: Int
    private var isCut: Bool

    /// Keeps the beginning of `bytes`.
    init(_ bytes: borrowing Span<UInt8>) {
        count = Swift.min(bytes.count, storage.count)
        isCut = bytes.count > count
        for index in 0..<count { storage[index] = bytes[index] }
    }

    /// Appends the bytes in quotes, escaped, and dots where some are missing.
    @inline(never)
    func write(into writer: inout Text) {
        writer.add("'")
        writePlain(into: &writer)
        writer.add("'")
    }

    /// Appends the bytes without quotes, escaped, and dots where some are missing.
    @inline(never)
    func writePlain(into writer: inout Text) {
        writer.add(escaping: storage.span.extracting(first: count))
        if isCut { writer.add("...") }
    }
}

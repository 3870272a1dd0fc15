// Sources/Settings/FilePath.swift — a path of a fixed size.

import Utilities

/// The path of a file: `1...maxLength` bytes without a NUL, held without any heap.
public struct FilePath: Sendable {
    /// Longest path, in bytes.
    @inline(__always) public static var maxLength: Int { 255 }

    // Always a NUL after the last byte, as the kernel wants it.
    private var storage: [256 of UInt8] = .init(repeating: 0)
    private var length: Int

    /// The path `bytes`, or nil if they are none, too many, or hold a NUL.
    public init?(_ bytes: borrowing Span<UInt8>) {
        guard !bytes.isEmpty && bytes.count <= Self.maxLength else { return nil }
        length = bytes.count
        for index in bytes.indices {
            guard bytes[index] != 0 else { return nil }
            storage[index] = bytes[index]
        }
    }

    /// The path that `literal` spells, by the same rules.
    init?(_ literal: StaticString) {
        self.init(literal.bytes)
    }

    /// The path.
    public var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get { storage.span.extracting(first: length) }
    }

    /// The path and a NUL, for system calls.
    public var bytesWithNUL: Span<UInt8> {
        @_lifetime(borrow self)
        get { storage.span.extracting(first: length + 1) }
    }
}

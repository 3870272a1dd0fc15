// Sources/Bytes/ByteStore.swift — a growable buffer that takes no memory while it is empty.

/// Bytes that are gathered until they are complete, in at most about twice the memory that they need.
///
/// The allocator may refuse: that is an answer here, not the end of the process. Appending costs one copy, and one more
/// for each byte over all the growing.
///
/// - Invariant: ``base`` is nil and ``capacity`` 0, or ``base`` is a block of ``capacity`` bytes that belongs to the
///   store alone, with its first ``count`` bytes written.
@safe public struct ByteStore: ~Copyable {
    /// Changes the size of a block in the manner of realloc(3): from nil it allocates, and a size of 0 frees.
    ///
    /// Returns nil, and leaves the block unchanged, if there is no memory.
    package typealias Reallocate = @convention(c) (UnsafeMutableRawPointer?, Int) -> UnsafeMutableRawPointer?

    private let reallocate: Reallocate
    private var base: UnsafeMutablePointer<UInt8>?
    private var capacity = 0
    /// Bytes gathered.
    package private(set) var count = 0

    /// An empty store.
    ///
    /// - Safety: what `reallocate` returns is writable for the size that was asked for, and no other owner uses it.
    @unsafe package init(reallocate: Reallocate) { unsafe self.reallocate = reallocate }

    deinit {
        if let base = unsafe base { _ = unsafe reallocate(base, 0) }
    }

    /// The bytes gathered. Valid until the next change.
    package var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            guard let base = unsafe base else { return Span() }
            // SAFETY: `count` bytes at `base` were written, and the span cannot outlive this borrow.
            let span = unsafe Span(_unsafeStart: UnsafePointer(base), count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Appends `bytes`, each XORed with its byte of `key` (`ByteWriter.append(_:unmasking:)`).
    ///
    /// - Parameter expected: how many bytes the peer says will follow these. The peer has only said so, so that there
    ///   is never more room for them than for what has come.
    /// - Returns: false, and nothing changed, if there is no memory.
    package mutating func append(
        _ bytes: borrowing Span<UInt8>, unmasking key: UInt32, expecting expected: Int
    ) -> Bool {
        guard reserve(bytes.count, expected) else { return false }
        guard let base = unsafe base else { return true }
        // SAFETY: room for the bytes behind the first `count` was made.
        var writer = unsafe ByteWriter(unsafeBase: base + count, capacity: capacity - count)
        writer.append(bytes, unmasking: key)
        count += bytes.count
        return true
    }

    /// Forgets all bytes, and frees their memory.
    package mutating func removeAll() {
        guard let memory = unsafe base else { return }
        _ = unsafe reallocate(memory, 0)
        unsafe base = nil
        capacity = 0
        count = 0
    }

    private mutating func reserve(_ more: Int, _ expected: Int) -> Bool {
        let needed = count + more
        guard needed > capacity else { return true }
        // At least twice as much as before, or many small pieces would cost a copy of everything each.
        let spare = Swift.max(expected, Swift.max(capacity, Config.firstStoreSize))
        let size = needed + Swift.min(needed, spare)
        guard let memory = unsafe reallocate(base, size) else { return false }
        unsafe base = memory.assumingMemoryBound(to: UInt8.self)
        capacity = size
        return true
    }
}

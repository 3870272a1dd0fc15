// Sources/Net/ByteStore.swift — bytes that are gathered until they are complete.

import Bytes
import Primitives
import Runtime

/// A buffer on the worker's heap that takes no memory while it is empty, and at most about twice what was gathered.
///
/// The heap's limit is an answer here, not the end of the process. Appending costs one copy, and another one for each
/// byte in all the growing.
@safe public struct ByteStore: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>?
    private var capacity = 0
    /// Bytes gathered.
    public private(set) var count = 0

    /// An empty store.
    public init() {}

    deinit {
        if let base = unsafe base { unsafe Heap.free(base, from: currentHeap) }
    }

    /// What was gathered. Good until the next change.
    public var bytes: Span<UInt8> {
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
    /// - Parameter expected: how many bytes are to come behind these, as far as is known. The peer has only said so, so
    ///   that there is never more room for them than for what has come.
    /// - Returns: false, and nothing changed, if the heap's limit is reached.
    public mutating func append(
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

    /// Forgets all bytes, and gives their memory back.
    public mutating func removeAll() {
        guard let memory = unsafe base else { return }
        unsafe Heap.free(memory, from: currentHeap)
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
        let memory: UnsafeMutableRawPointer?
        if let base = unsafe base {
            unsafe memory = currentHeap.pointee.reallocate(base, to: size)
        } else {
            unsafe memory = currentHeap.pointee.allocate(size)
        }
        guard let memory = unsafe memory else { return false }
        unsafe base = memory.assumingMemoryBound(to: UInt8.self)
        capacity = size
        return true
    }
}

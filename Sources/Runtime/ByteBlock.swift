// Sources/Runtime/ByteBlock.swift — bytes that wait with a descriptor, in a block of their own size.

import Bytes
import Primitives

/// A heap block that holds its length in front: the incomplete rest of what was received, or what the kernel has not
/// taken yet.
///
/// It is made when bytes have to wait and freed when they have gone on, so that a connection without such bytes has
/// none.
///
/// - Invariant: `header` points at a live block that only this value knows, with a header and `end` bytes behind it, of
///   which `start..<end` wait. A block cannot be copied, only its `deinit` frees it, and ``consume(_:)`` traps on more
///   than ``count``.
@safe public struct ByteBlock: ~Copyable {
    private struct Header {
        var start = 0
        var end: Int
        var unsent = 0
    }

    private let header: UnsafeMutablePointer<Header>

    /// A block with a copy of `bytes`, and of `more` behind them; nil if the heap's limit is reached.
    package init?(copying bytes: borrowing Span<UInt8>, then more: borrowing Span<UInt8> = Span()) {
        let count = bytes.count + more.count
        let size = MemoryLayout<Header>.size + count
        guard let memory = unsafe currentHeap.pointee.allocate(size) else { return nil }
        // SAFETY: the block is new, and has room for the header and `count` bytes.
        unsafe header = memory.initializeMemory(as: Header.self, to: Header(end: count))
        var writer = unsafe ByteWriter(unsafeBase: content, capacity: count)
        writer.append(bytes)
        writer.append(more)
    }

    deinit { unsafe Self.free(header) }

    @inline(never)
    private static func free(_ block: UnsafeMutableRawPointer) { unsafe Heap.free(block, from: currentHeap) }

    private var fields: Header {
        // SAFETY: the invariant.
        @inline(__always) unsafeAddress { unsafe UnsafePointer(header) }
        @inline(__always) unsafeMutableAddress { unsafe header }
    }

    private var content: UnsafeMutablePointer<UInt8> {
        unsafe UnsafeMutableRawPointer(header + 1).assumingMemoryBound(to: UInt8.self)
    }

    /// The bytes that wait.
    package var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // SAFETY: the invariant; the span cannot outlive this borrow.
            let span = unsafe Span(_unsafeStart: UnsafePointer(content + fields.start), count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// How many bytes wait.
    package var count: Int { fields.end - fields.start }

    /// The first `amount` bytes have gone on. Traps if there are not so many.
    package mutating func consume(_ amount: Int) {
        precondition(amount >= 0 && amount <= count, "more bytes have gone on than waited")
        fields.start += amount
    }

    /// For output: how much of what went before the kernel still had, when that was looked at last.
    package var unsent: Int {
        get { fields.unsent }
        set { fields.unsent = newValue }
    }
}

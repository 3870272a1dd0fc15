// Sources/Net/ByteBlock.swift — bytes that have to wait, in a block of their own size.

import Bytes
import Primitives
import Runtime

/// A heap block with its length in front: the incomplete rest of what was received, or what the kernel did not take
/// yet.
///
/// It is made when bytes have to wait and freed when they have gone on, so that a connection without such bytes has
/// none.
@unsafe struct ByteBlock {
    private struct Header {
        var start: Int
        var end: Int
        var unsent = 0
    }

    let pointer: UnsafeMutableRawPointer
    private static var headerSize: Int { MemoryLayout<Header>.size }

    init(_ pointer: UnsafeMutableRawPointer) { unsafe self.pointer = pointer }

    /// A block with a copy of `count` bytes; nil if the heap's limit is reached.
    init?(copying bytes: UnsafePointer<UInt8>, count: Int) {
        guard let pointer = unsafe currentHeap.pointee.allocate(Self.headerSize + count) else { return nil }
        unsafe self.pointer = pointer
        // SAFETY: the block has room for the header and `count` bytes.
        unsafe header.initialize(to: Header(start: 0, end: count))
        unsafe (pointer + Self.headerSize).copyMemory(from: bytes, byteCount: count)
    }

    private var header: UnsafeMutablePointer<Header> { unsafe pointer.assumingMemoryBound(to: Header.self) }

    /// First byte that waits.
    var start: UnsafeMutablePointer<UInt8> {
        unsafe (pointer + Self.headerSize + header.pointee.start).assumingMemoryBound(to: UInt8.self)
    }

    /// For output: how much of what went before the kernel still had, when that was looked at last.
    var unsent: Int {
        get { unsafe header.pointee.unsent }
        nonmutating set { unsafe header.pointee.unsent = newValue }
    }

    /// How many bytes wait.
    var count: Int { unsafe header.pointee.end - header.pointee.start }

    /// The first `count` bytes have gone on.
    func consume(_ count: Int) { unsafe header.pointee.start += count }

    /// Another block with these bytes and `count` more; this one is freed. Nil, and nothing changed, if there is no
    /// room.
    func appending(_ bytes: UnsafePointer<UInt8>, count more: Int) -> ByteBlock? {
        let total = unsafe count + more
        guard let pointer = unsafe currentHeap.pointee.allocate(Self.headerSize + total) else { return nil }
        let block = unsafe ByteBlock(pointer)
        // SAFETY: the new block has room for all.
        unsafe block.header.initialize(to: Header(start: 0, end: total))
        unsafe UnsafeMutableRawPointer(block.start).copyMemory(from: start, byteCount: count)
        unsafe UnsafeMutableRawPointer(block.start + count).copyMemory(from: bytes, byteCount: more)
        unsafe free()
        return unsafe block
    }

    @inline(never)
    func free() { unsafe Heap.free(pointer, from: currentHeap) }
}

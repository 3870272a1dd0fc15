// Sources/Net/BufferPool.swift — receive buffers that nobody uses at the moment.

import Bytes
import Linux
import Primitives
import Runtime

/// Buffers of `Config.receiveBufferSize` bytes. One is enough while no handler suspends; each that does keeps its own.
///
///     the heap's block   ─── Config.receiveBufferOffset ───┬─── the buffer ───
@safe struct BufferPool {
    /// The free buffers, linked through their first words.
    private var first: UnsafeMutableRawPointer?
    private var count = 0

    /// A buffer; nil if the heap's limit is reached.
    @inline(never)
    mutating func take() -> UnsafeMutablePointer<UInt8>? {
        if let buffer = unsafe pop() { return unsafe buffer.assumingMemoryBound(to: UInt8.self) }
        let block = unsafe currentHeap.pointee.allocate(Config.receiveBufferOffset + Config.receiveBufferSize)
        guard let block = unsafe block else { return nil }
        return unsafe (block + Config.receiveBufferOffset).assumingMemoryBound(to: UInt8.self)
    }

    /// Frees all free buffers.
    mutating func removeAll() {
        while let buffer = unsafe pop() { unsafe free(buffer) }
    }

    private mutating func pop() -> UnsafeMutableRawPointer? {
        guard let buffer = unsafe first else { return nil }
        unsafe first = buffer.load(as: UnsafeMutableRawPointer?.self)
        count -= 1
        return unsafe buffer
    }

    /// Takes a buffer back; keeps it for later, or frees it if there are enough.
    @inline(never)
    mutating func giveBack(_ buffer: UnsafeMutablePointer<UInt8>) {
        let buffer = UnsafeMutableRawPointer(buffer)
        guard count < Config.freeReceiveBuffers else { return unsafe free(buffer) }
        unsafe buffer.storeBytes(of: first, as: UnsafeMutableRawPointer?.self)
        unsafe first = buffer
        count += 1
    }

    private func free(_ buffer: UnsafeMutableRawPointer) {
        // SAFETY: so far behind its block's start a buffer begins.
        unsafe Heap.free(buffer - Config.receiveBufferOffset, from: currentHeap)
    }
}

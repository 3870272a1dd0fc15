// Sources/Net/GatherList.swift — bytes that are sent from where they lie.

import Bytes
import Linux
import Primitives

/// The pieces of one turn's output, if some of it is not copied into the output buffer but quoted from elsewhere:
///
///     output   ───── head ─────┬───── another head ─────          buffer of the worker
///                              │
///     quoted                   └─ a response that is always the same, in memory of its own
@safe struct GatherList: ~Copyable {
    private let pieces: UnsafeMutablePointer<IOVector>
    private var count = 0
    /// Bytes of the output buffer that the pieces cover already.
    private var covered = 0

    init() throws(Errno) {
        let size = unsafe Memory.pages(Config.piecesPerSend * MemoryLayout<IOVector>.stride)
        // SAFETY: kept for the process's life, like the service that this belongs to.
        unsafe pieces = try Memory.map(size).bindMemory(to: IOVector.self, capacity: Config.piecesPerSend)
    }

    /// Whether nothing is quoted: the output buffer is all there is.
    @inline(__always)
    var isEmpty: Bool { count == 0 }

    /// Puts `bytes` behind the `written` bytes of the output buffer. False if there are too many gatherList already.
    ///
    /// - Safety: `bytes` stay as they are until ``removeAll()``.
    @unsafe mutating func add(_ bytes: borrowing Span<UInt8>, behind output: borrowing ByteWriter) -> Bool {
        // Its own, what is written before it, and what is written behind the last one.
        guard count + 3 <= Config.piecesPerSend else { return false }
        cover(output)
        unsafe bytes.withUnsafeBufferPointer { buffer in
            if let start = buffer.baseAddress { unsafe add(start, buffer.count) }
        }
        return true
    }

    /// All pieces in their order.
    mutating func all(of output: borrowing ByteWriter) -> UnsafeMutableBufferPointer<IOVector> {
        cover(output)
        return unsafe UnsafeMutableBufferPointer(start: pieces, count: count)
    }

    @inline(__always)
    mutating func removeAll() {
        count = 0
        covered = 0
    }

    /// Makes a piece of what was written since the last one.
    private mutating func cover(_ output: borrowing ByteWriter) {
        if output.count > covered { unsafe add(output.base + covered, output.count - covered) }
        covered = output.count
    }

    private mutating func add(_ start: UnsafePointer<UInt8>, _ length: Int) {
        unsafe pieces[count] = IOVector(start, length)
        count += 1
    }
}

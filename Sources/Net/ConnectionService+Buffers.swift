// Sources/Net/ConnectionService+Buffers.swift — receive buffers, and what is kept of a request between two of them.

import Bytes
import Linux
import Runtime

extension ConnectionService {
    /// Nothing is under way on this worker: the buffers' pages are not needed.
    func giveMemoryBack() {
        buffers.removeAll()
        batch?.giveMemoryBack()
        // SAFETY: the output is empty between two tasks, and its memory is a mapping of this object's.
        unsafe Memory.discard(outputStart, Config.sendBufferSize + Config.sendBatchSize)
    }

    func takeBuffer() -> UnsafeMutablePointer<UInt8>? { unsafe buffers.take() }

    func giveBack(_ buffer: inout UnsafeMutablePointer<UInt8>?) {
        guard let taken = unsafe buffer else { return }
        unsafe buffers.giveBack(taken)
        unsafe buffer = nil
    }

    /// Copies what an earlier call of the handler left to the start of `buffer`, and says how much that is.
    func copyRest(of slot: SlotPointer, to buffer: UnsafeMutablePointer<UInt8>) -> Int {
        guard let pointer = unsafe slot.pointee.input else { return 0 }
        let block = unsafe ByteBlock(pointer)
        // SAFETY: the rest was in such a buffer before.
        unsafe UnsafeMutableRawPointer(buffer).copyMemory(from: block.start, byteCount: block.count)
        return unsafe block.count
    }

    func dropRest(of slot: SlotPointer) {
        guard let pointer = unsafe slot.pointee.input else { return }
        unsafe ByteBlock(pointer).free()
        unsafe slot.pointee.input = nil
    }
}

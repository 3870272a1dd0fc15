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
    func copyRest(of slot: Slot, to buffer: UnsafeMutablePointer<UInt8>) -> Int {
        switch slot.input {
        case .none: return 0
        case .some(let block):
            // SAFETY: the rest was in such a buffer before.
            var writer = unsafe ByteWriter(unsafeBase: buffer, capacity: Config.receiveBufferSize)
            writer.append(block.bytes)
            return block.count
        }
    }

    func dropRest(of slot: Slot) {
        slot.input = nil
    }
}

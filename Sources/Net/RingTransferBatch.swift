// Sources/Net/RingTransferBatch.swift — the transfers of several connections in one system call: io_uring(7).

import Bytes
import Linux
import Primitives
import Runtime

extension ReactorKind {
    /// epoll(7) reports which descriptors are ready; io_uring(7) receives and sends for several connections together.
    ///
    /// `Runtime.prepare` throws what ``IORing/probe()`` does, where the kernel does not allow it.
    package static var ioUring: ReactorKind {
        ReactorKind { () throws(Errno) in
            try IORing.probe()
            unsafe TransferBatch.make = { () throws(Errno) in try RingTransferBatch() }
            return ReactorMaker.epoll.named("io_uring")
        }
    }

    /// ``ioUring`` where the kernel allows it, else epoll.
    package static var automatic: ReactorKind {
        ReactorKind { () throws(Errno) in
            do throws(Errno) {
                return try ioUring.choose()
            } catch {
                return .epoll
            }
        }
    }
}

/// A batch whose transfers are entries of a ring that is submitted as a whole.
///
/// - Invariant: `pieces` has room for `Config.transfersPerBatch` times `Config.piecesPerSend` pieces, for the process's
///   life.
@safe final class RingTransferBatch: TransferBatch {
    private var ring: IORing
    private var sends: [32 of Send?] = .init(repeating: nil)
    /// The pieces of all sends: for each there is room for as many as one can have.
    private let pieces: UnsafeMutablePointer<IOVector>

    /// A connection's send.
    private struct Send {
        let slot: Slot
        let pieces: Pieces
    }

    /// - Throws: what ``IORing/init(capacity:)`` says, or `.noMemory`.
    init() throws(Errno) {
        let count = Config.transfersPerBatch
        let pieceCount = count * Config.piecesPerSend
        let buffersSize = count * Config.shortReceiveSize
        ring = try IORing(capacity: 2 * count)
        // SAFETY: one mapping, kept for the process's life, like the loop that this belongs to.
        let memory = unsafe try Memory.map(buffersSize + Memory.pages(pieceCount * MemoryLayout<IOVector>.stride))
        unsafe pieces = (memory + buffersSize).bindMemory(to: IOVector.self, capacity: pieceCount)
        unsafe super.init(buffers: memory.assumingMemoryBound(to: UInt8.self))
        precondition(sends.count == count)
    }

    @unsafe override func add(_ slot: Slot, _ pieces: Pieces) {
        precondition(sendCount < Config.transfersPerBatch)
        // SAFETY: the place is this send's own.
        let kept = unsafe pieces.copied(to: self.pieces + sendCount * Config.piecesPerSend)
        sends[sendCount] = Send(slot: slot, pieces: kept)
        unsafe ring.addSend(slot.descriptor, kept.start, count: kept.count, tag: sendCount)
        sendCount += 1
    }

    override func expect(_ slot: Slot, at position: Int) {
        receipts[position] = Receipt(slot: slot)
        // SAFETY: the position's own buffer, which is read after `submit` only.
        unsafe ring.addReceive(
            slot.descriptor, into: buffer(position), capacity: Config.shortReceiveSize,
            tag: Config.transfersPerBatch + position)
    }

    override func submit(_ sent: (Slot, Pieces, Int?) -> Void) {
        sendCount = 0
        ring.submit { tag, result in
            if tag < Config.transfersPerBatch {
                guard let send = sends[tag] else { return }
                sent(send.slot, send.pieces, Self.sentCount(send, result))
            } else if let result {
                receipts[tag - Config.transfersPerBatch].result = result
            } else {
                // It is received when the event is served.
                receipts[tag - Config.transfersPerBatch].slot = nil
            }
        }
    }

    private static func sentCount(_ send: Send, _ result: Int?) -> Int? {
        do throws(Errno) {
            if let result { return try FileDescriptor.sentCount(result: result) }
            return try send.pieces.send(to: send.slot.descriptor)
        } catch {
            return nil
        }
    }
}

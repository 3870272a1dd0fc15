// Sources/Net/RingTransferBatch.swift — the transfers of several connections in one system call: io_uring(7).

import Bytes
import Linux
import Primitives
import Runtime

extension ReactorKind {
    /// epoll(7) says who is ready; what several connections receive and send goes through io_uring(7) together.
    ///
    /// `Runtime.prepare` throws what ``IORing/probe()`` does, where the kernel does not allow it.
    public static var ioUring: ReactorKind {
        ReactorKind { () throws(Errno) in
            try IORing.probe()
            unsafe TransferBatch.make = { () throws(Errno) in try RingTransferBatch() }
            return ReactorMaker.epoll.named("io_uring")
        }
    }

    /// ``ioUring`` where the kernel allows it, else epoll.
    public static var automatic: ReactorKind {
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
@safe final class RingTransferBatch: TransferBatch {
    private var ring: IORing
    @unsafe private let sends: UnsafeMutablePointer<Send>
    /// The pieces of all sends: for each there is room for as many as one can have.
    private let pieces: UnsafeMutablePointer<IOVector>

    private static var buffersSize: Int { Config.transfersPerBatch * Config.shortReceiveSize }

    /// - Throws: what ``IORing/init(capacity:)`` says, or `.noMemory`.
    init() throws(Errno) {
        let count = Config.transfersPerBatch
        let sendsSize = unsafe count * MemoryLayout<Send>.stride
        let receiptsSize = unsafe count * MemoryLayout<Receipt>.stride
        let pieceCount = count * Config.piecesPerSend
        let ownSize = Memory.pages(sendsSize + receiptsSize)
        let ring = try IORing(capacity: 2 * count)
        // SAFETY: one mapping, kept for the process's life, like the service that this belongs to.
        let memory = unsafe try Memory.map(
            Self.buffersSize + ownSize + Memory.pages(pieceCount * MemoryLayout<IOVector>.stride))
        let own = unsafe memory + Self.buffersSize
        unsafe sends = own.bindMemory(to: Send.self, capacity: count)
        unsafe pieces = (own + ownSize).bindMemory(to: IOVector.self, capacity: pieceCount)
        self.ring = ring
        unsafe super.init(
            (own + sendsSize).bindMemory(to: Receipt.self, capacity: count), memory.assumingMemoryBound(to: UInt8.self))
    }

    override func add(_ slot: Slot, _ pieces: UnsafeMutableBufferPointer<IOVector>) {
        precondition(pieces.count > 0 && pieces.count <= Config.piecesPerSend)
        // SAFETY: the place is this send's own.
        let kept = unsafe UnsafeMutableBufferPointer(
            start: self.pieces + sendCount * Config.piecesPerSend, count: pieces.count)
        for index in pieces.indices { unsafe kept[index] = pieces[index] }
        unsafe sends[sendCount] = Send(slot: slot, pieces: kept)
        unsafe ring.addSend(
            slot.descriptor, kept.baseAddress.unsafelyUnwrapped, count: kept.count, tag: sendCount)
        sendCount += 1
    }

    override func expect(_ slot: Slot, at position: Int) {
        unsafe receipts[position] = Receipt(slot: slot, result: 0)
        unsafe ring.addReceive(
            slot.descriptor, into: buffer(position), capacity: Config.shortReceiveSize,
            tag: Config.transfersPerBatch + position)
    }

    override func submit(_ sent: (Send, Int?) -> Void) {
        sendCount = 0
        // SAFETY: tags are what they were added with.
        ring.submit { tag, result in
            if tag < Config.transfersPerBatch {
                unsafe sent(sends[tag], Self.sentCount(sends[tag], result))
            } else if let result {
                unsafe receipts[tag - Config.transfersPerBatch].result = result
            } else {
                // It is received when the event is served.
                unsafe receipts[tag - Config.transfersPerBatch].slot = nil
            }
        }
    }

    private static func sentCount(_ send: Send, _ result: Int?) -> Int? {
        do throws(Errno) {
            if let result { return try FileDescriptor.sentCount(result: result) }
            let first = unsafe send.pieces.baseAddress.unsafelyUnwrapped
            return unsafe try send.slot.descriptor.send(first, count: send.pieces.count)
        } catch {
            return nil
        }
    }

    override func giveMemoryBack() {
        // SAFETY: nothing is received that was not taken.
        unsafe Memory.discard(buffers, Self.buffersSize)
    }
}

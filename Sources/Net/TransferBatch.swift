// Sources/Net/TransferBatch.swift — what several connections send and receive, in one system call.

import Bytes
import Linux
import Primitives
import Runtime

/// Sends that wait for each other, at most one of each connection, and receives for the events that are served next.
///
/// What is sent is not copied: the bytes have to stay where and as they are until ``submit(_:)``. What is received lies
/// in short buffers of the batch's own, one for each event, until the next ``expect(_:at:)`` for its position.
@safe final class TransferBatch {
    /// A connection's send.
    @unsafe struct Send {
        let slot: SlotPointer
        let pieces: UnsafeMutableBufferPointer<IOVector>
    }

    /// What was received for an event; `slot` is nil if nothing was.
    @unsafe private struct Receipt {
        var slot: SlotPointer?
        /// As recv(2) has it.
        var result: Int
    }

    private var ring: IORing
    /// How many sends wait; at most `Config.transfersPerBatch`.
    private(set) var sendCount = 0
    @unsafe private let sends: UnsafeMutablePointer<Send>
    /// The pieces of all sends: for each there is room for as many as one can have.
    private let pieces: UnsafeMutablePointer<IOVector>
    @unsafe private let receipts: UnsafeMutablePointer<Receipt>
    private let buffers: UnsafeMutablePointer<UInt8>

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
        unsafe buffers = memory.assumingMemoryBound(to: UInt8.self)
        let own = unsafe memory + Self.buffersSize
        unsafe sends = own.bindMemory(to: Send.self, capacity: count)
        unsafe receipts = (own + sendsSize).bindMemory(to: Receipt.self, capacity: count)
        unsafe pieces = (own + ownSize).bindMemory(to: IOVector.self, capacity: pieceCount)
        self.ring = ring
        makeImmortal(self)
    }

    /// Adds a send of these pieces as one, at most `Config.piecesPerSend`. There must be room for it.
    func add(_ slot: SlotPointer, _ pieces: UnsafeMutableBufferPointer<IOVector>) {
        precondition(pieces.count > 0 && pieces.count <= Config.piecesPerSend)
        // SAFETY: the place is this send's own.
        let kept = unsafe UnsafeMutableBufferPointer(
            start: self.pieces + sendCount * Config.piecesPerSend, count: pieces.count)
        for index in pieces.indices { unsafe kept[index] = pieces[index] }
        unsafe sends[sendCount] = Send(slot: slot, pieces: kept)
        unsafe ring.addSend(
            DescriptorTable.descriptor(slot), kept.baseAddress.unsafelyUnwrapped, count: kept.count, tag: sendCount)
        sendCount += 1
    }

    /// Adds a receive for the event at `position` of the next ones, `0..<Config.transfersPerBatch`.
    func expect(_ slot: SlotPointer, at position: Int) {
        unsafe receipts[position] = Receipt(slot: slot, result: 0)
        unsafe ring.addReceive(
            DescriptorTable.descriptor(slot), into: buffer(position), capacity: Config.shortReceiveSize,
            tag: Config.transfersPerBatch + position)
    }

    /// Expects nothing for the event at `position`.
    func skip(_ position: Int) { unsafe receipts[position].slot = nil }

    /// Sends and receives all that was added. Says of each send how many bytes the kernel took, 0 if it has no room
    /// now; nil: the connection is broken.
    func submit(_ sent: (Send, Int?) -> Void) {
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
            return unsafe try DescriptorTable.descriptor(send.slot).send(first, count: send.pieces.count)
        } catch {
            return nil
        }
    }

    /// Whether something was received for the event at `position`, which is `slot`'s.
    @inline(__always)
    func hasReceived(_ slot: SlotPointer, at position: Int) -> Bool { unsafe receipts[position].slot == slot }

    /// What was received for the event at `position`: as a receive of its own would say it, and where the bytes are.
    @inline(__always)
    func received(at position: Int) throws(Errno) -> (received: Received, bytes: UnsafePointer<UInt8>) {
        unsafe (try Received(result: receipts[position].result), UnsafePointer(buffer(position)))
    }

    /// Gives the buffers' pages back to the kernel.
    func giveMemoryBack() {
        // SAFETY: nothing is received that was not taken.
        unsafe Memory.discard(buffers, Self.buffersSize)
    }

    @inline(__always)
    private func buffer(_ position: Int) -> UnsafeMutablePointer<UInt8> {
        unsafe buffers + position * Config.shortReceiveSize
    }
}

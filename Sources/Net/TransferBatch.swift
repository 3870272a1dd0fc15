// Sources/Net/TransferBatch.swift — what several connections send and receive, in one system call.

import Bytes
import Linux
import Primitives
import Runtime

/// Sends that wait for each other, at most one of each connection, and receives for the events that are served next.
///
/// While a worker serves events that came together, what is answered at once is not sent at once: it waits for the
/// other events' answers. And what the next events bring is received before the first of them is served.
///
///     ┌──▶ up to 32 events ─▶ what they bring is asked for ─▶ submit ─▶ each is served ─▶ what it sends is noted ─┐
///     └───────────────────────────────────────────────────────────────────────────────────────────────────────────┘
///                                                                           after the last event: submit
///
/// So 64 requests on as many connections take an epoll_wait and three io_uring_enter, not 128 system calls more. The
/// batch also leaves when it is full, before a task runs (it may take its time), and before anything else happens to
/// one of its connections (``DescriptorFlags/batched``): no peer can tell that it was late.
///
/// What is sent is not copied: the bytes have to stay where and as they are until ``submit(_:)``. What is received lies
/// in short buffers of the batch's own, one for each event, until the next ``expect(_:at:)`` for its position.
///
/// - Invariant: the two pointers name one mapping that is never unmapped, with room for `Config.transfersPerBatch`
///   times `Config.piecesPerSend` pieces, and as many buffers; positions beyond these trap.
@safe final class TransferBatch {
    private var ring: IORing
    /// How many sends wait; at most `Config.transfersPerBatch`.
    private(set) var sendCount = 0
    private var sends: [32 of Send?] = .init(repeating: nil)
    private var receipts: [32 of Receipt] = .init(repeating: Receipt())
    private let buffers: UnsafeMutablePointer<UInt8>
    private let pieces: UnsafeMutablePointer<IOVector>

    /// A connection's send.
    private struct Send {
        let slot: Slot
        let pieces: Pieces
    }

    /// What was received for an event; `slot` is nil if nothing was.
    private struct Receipt {
        var slot: Slot?
        /// As recv(2) has it.
        var result = 0
    }

    private static var buffersSize: Int { Config.transfersPerBatch * Config.shortReceiveSize }

    /// - Throws: what ``IORing/init(capacity:)`` says, or `.noMemory`.
    init() throws(Errno) {
        let count = Config.transfersPerBatch
        precondition(sends.count == count && receipts.count == count)
        let pieceCount = count * Config.piecesPerSend
        ring = try IORing(capacity: 2 * count)
        // SAFETY: one mapping, kept for the process's life, like the loop that this belongs to.
        let memory = unsafe try Memory.map(
            Self.buffersSize + Memory.pages(pieceCount * MemoryLayout<IOVector>.stride))
        unsafe buffers = memory.assumingMemoryBound(to: UInt8.self)
        unsafe pieces = (memory + Self.buffersSize).bindMemory(to: IOVector.self, capacity: pieceCount)
        makeImmortal(self)
    }

    /// Adds a send of these pieces as one, at most `Config.piecesPerSend`. There must be room for it.
    ///
    /// - Safety: the bytes stay where and as they are until ``submit(_:)``.
    @unsafe func add(_ slot: Slot, _ pieces: Pieces) {
        precondition(sendCount < Config.transfersPerBatch)
        // SAFETY: the place is this send's own.
        let kept = unsafe pieces.copied(to: self.pieces + sendCount * Config.piecesPerSend)
        sends[sendCount] = Send(slot: slot, pieces: kept)
        unsafe ring.addSend(slot.descriptor, kept.start, count: kept.count, tag: sendCount)
        sendCount += 1
    }

    /// Adds a receive for the event at `position` of the next ones, `0..<Config.transfersPerBatch`.
    func expect(_ slot: Slot, at position: Int) {
        receipts[position] = Receipt(slot: slot)
        // SAFETY: the position's own buffer, which is read after `submit` only.
        unsafe ring.addReceive(
            slot.descriptor, into: buffers + position * Config.shortReceiveSize, capacity: Config.shortReceiveSize,
            tag: Config.transfersPerBatch + position)
    }

    /// Expects nothing for the event at `position`.
    func skip(_ position: Int) { receipts[position].slot = nil }

    /// Sends and receives all that was added. Says of each send how many bytes the kernel took, 0 if it has no room
    /// now; nil: the connection is broken.
    func submit(_ sent: (Slot, Pieces, Int?) -> Void) {
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

    /// Whether something was received for the event at `position`, which is `slot`'s.
    @inline(__always)
    func hasReceived(_ slot: Slot, at position: Int) -> Bool { receipts[position].slot == slot }

    /// Says what was received for the event at `position`, as a receive of its own would, and shows the bytes to
    /// `body`.
    func take(at position: Int, _ body: (borrowing Span<UInt8>) -> Void) throws(Errno) -> Received {
        let received = try Received(result: receipts[position].result)
        if case .bytes(let count) = received {
            precondition(count <= Config.shortReceiveSize)
            // SAFETY: so many bytes were received there.
            body(unsafe Span(_unsafeStart: buffers + position * Config.shortReceiveSize, count: count))
        }
        return received
    }

    /// Gives the buffers' pages back to the kernel.
    func giveMemoryBack() {
        // SAFETY: what was received was taken, or was copied to its slot.
        unsafe Memory.discard(buffers, Self.buffersSize)
    }
}

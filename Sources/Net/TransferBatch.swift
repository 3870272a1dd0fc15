// Sources/Net/TransferBatch.swift — what several connections send and receive together.

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
/// A subclass moves the bytes; `ReactorKind.ioUring` names it. What serves connections mentions this class alone, so
/// that a program without it links none of it.
///
/// - Invariant: `buffers` names a mapping that is never unmapped, with room for `Config.transfersPerBatch` receives of
///   `Config.shortReceiveSize` bytes; positions beyond these trap.
@safe class TransferBatch {
    /// Makes a worker's batch; nil: each transfer is a system call of its own.
    // SHARED: written while the runtime is prepared, before the workers run, then only read.
    nonisolated(unsafe) static var make: (() throws(Errno) -> TransferBatch)?

    /// How many sends wait; at most `Config.transfersPerBatch`.
    final var sendCount = 0
    /// What was received, for each position.
    final var receipts: [32 of Receipt] = .init(repeating: Receipt())
    /// Where it lies.
    private final let buffers: UnsafeMutablePointer<UInt8>

    /// What was received for an event; `slot` is nil if nothing was.
    struct Receipt {
        var slot: Slot?
        /// As recv(2) has it.
        var result = 0
    }

    /// - Safety: there is room for `Config.transfersPerBatch` receives, for the process's life.
    @unsafe init(buffers: UnsafeMutablePointer<UInt8>) {
        unsafe self.buffers = buffers
        precondition(receipts.count == Config.transfersPerBatch)
        makeImmortal(self)
    }

    /// Expects nothing for the event at `position`.
    final func skip(_ position: Int) { receipts[position].slot = nil }

    /// Whether something was received for the event at `position`, which is `slot`'s.
    @inline(__always)
    final func hasReceived(_ slot: Slot, at position: Int) -> Bool { receipts[position].slot == slot }

    /// Says what was received for the event at `position`, as a receive of its own would, and shows the bytes to
    /// `body`.
    final func take(at position: Int, _ body: (borrowing Span<UInt8>) -> Void) throws(Errno) -> Received {
        let received = try Received(result: receipts[position].result)
        if case .bytes(let count) = received {
            precondition(count <= Config.shortReceiveSize)
            // SAFETY: so many bytes were received there.
            body(unsafe Span(_unsafeStart: buffer(position), count: count))
        }
        return received
    }

    /// Gives the buffers' pages back to the kernel.
    final func giveMemoryBack() {
        // SAFETY: what was received was taken, or was copied to its slot.
        unsafe Memory.discard(buffers, Config.transfersPerBatch * Config.shortReceiveSize)
    }

    /// Where the bytes for the event at `position` are received.
    @inline(__always)
    final func buffer(_ position: Int) -> UnsafeMutablePointer<UInt8> {
        unsafe buffers + position * Config.shortReceiveSize
    }

    // MARK: For subclasses

    /// Adds a send of these pieces as one, at most `Config.piecesPerSend`. There must be room for it.
    ///
    /// - Safety: the bytes stay where and as they are until ``submit(_:)``.
    @unsafe func add(_ slot: Slot, _ pieces: Pieces) {}

    /// Adds a receive for the event at `position` of the next ones, `0..<Config.transfersPerBatch`.
    func expect(_ slot: Slot, at position: Int) {}

    /// Sends and receives all that was added. Says of each send how many bytes the kernel took, 0 if it has no room
    /// now; nil: the connection is broken.
    func submit(_ sent: (Slot, Pieces, Int?) -> Void) {}
}

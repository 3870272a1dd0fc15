// Sources/Net/TransferBatch.swift — what several connections send and receive together.

import Bytes
import Linux
import Primitives
import Runtime

/// Sends that wait for each other, at most one of each connection, and receives for the events that are served next.
///
/// What is sent is not copied: the bytes have to stay where and as they are until ``submit(_:)``. What is received lies
/// in short buffers of the batch's own, one for each event, until the next ``expect(_:at:)`` for its position.
///
/// A subclass moves the bytes; `ReactorKind.ioUring` names it. What serves connections mentions this class alone, so
/// that a program without it links none of it.
@safe class TransferBatch {
    /// A connection's send.
    @unsafe struct Send {
        let slot: Slot
        let pieces: UnsafeMutableBufferPointer<IOVector>
    }

    /// What was received for an event; `slot` is nil if nothing was.
    @unsafe struct Receipt {
        var slot: Slot?
        /// As recv(2) has it.
        var result: Int
    }

    /// Makes a worker's batch; nil: each transfer is a system call of its own.
    // SHARED: written while the runtime is prepared, before the workers run, then only read.
    nonisolated(unsafe) static var make: (() throws(Errno) -> TransferBatch)?

    /// How many sends wait; at most `Config.transfersPerBatch`.
    final var sendCount = 0
    /// What was received, for each position.
    @unsafe final let receipts: UnsafeMutablePointer<Receipt>
    /// Where it lies: `Config.shortReceiveSize` bytes for each position.
    final let buffers: UnsafeMutablePointer<UInt8>

    /// - Safety: both have `Config.transfersPerBatch` entries, and are kept for the process's life.
    @unsafe init(_ receipts: UnsafeMutablePointer<Receipt>, _ buffers: UnsafeMutablePointer<UInt8>) {
        unsafe self.receipts = receipts
        unsafe self.buffers = buffers
        makeImmortal(self)
    }

    /// Expects nothing for the event at `position`.
    final func skip(_ position: Int) { unsafe receipts[position].slot = nil }

    /// Whether something was received for the event at `position`, which is `slot`'s.
    @inline(__always)
    final func hasReceived(_ slot: Slot, at position: Int) -> Bool { unsafe receipts[position].slot == slot }

    /// What was received for the event at `position`: as a receive of its own would say it, and where the bytes are.
    @inline(__always)
    final func received(at position: Int) throws(Errno) -> (received: Received, bytes: UnsafePointer<UInt8>) {
        unsafe (try Received(result: receipts[position].result), UnsafePointer(buffer(position)))
    }

    @inline(__always)
    final func buffer(_ position: Int) -> UnsafeMutablePointer<UInt8> {
        unsafe buffers + position * Config.shortReceiveSize
    }

    // MARK: For subclasses

    /// Adds a send of these pieces as one, at most `Config.piecesPerSend`. There must be room for it.
    func add(_ slot: Slot, _ pieces: UnsafeMutableBufferPointer<IOVector>) {}

    /// Adds a receive for the event at `position` of the next ones, `0..<Config.transfersPerBatch`.
    func expect(_ slot: Slot, at position: Int) {}

    /// Sends and receives all that was added. Says of each send how many bytes the kernel took, 0 if it has no room
    /// now; nil: the connection is broken.
    func submit(_ sent: (Send, Int?) -> Void) {}

    /// Gives the buffers' pages back to the kernel.
    func giveMemoryBack() {}
}

// Sources/Net/SocketReader.swift — receiving: buffers, what is kept of a request between two of them, and readiness.

import Bytes
import Linux
import Primitives
import Runtime

/// A buffer of `Config.receiveBufferSize` bytes, and what of it was received and not consumed.
///
///     the heap's block  ─── Config.receiveBufferOffset ───┬─ consumed ─┬─ bytes ─┬─ room ─┐
///                                                         base         start     end
///
/// - Invariant: `memory` is such a buffer, which only this value knows, and `0 <= start <= end <= size`. A buffer
///   cannot be copied, and everything that moves `start` and `end` traps where they would leave the buffer.
@safe struct ReceiveBuffer: ~Copyable {
    /// Nil: this value has no buffer, and no bytes.
    private var memory: UnsafeMutablePointer<UInt8>?
    private var start = 0
    private var end = 0

    /// No buffer.
    @inline(__always)
    init() {}

    /// A new buffer; none if the heap's limit is reached.
    @inline(never)
    fileprivate static func make() -> ReceiveBuffer {
        var buffer = ReceiveBuffer()
        // SAFETY: the block is as large as the invariant says, with what lies before it.
        let block = unsafe currentHeap.pointee.allocate(Config.receiveBufferOffset + Config.receiveBufferSize)
        let base = unsafe block.map { unsafe $0 + Config.receiveBufferOffset }
        unsafe buffer.memory = base?.assumingMemoryBound(to: UInt8.self)
        return buffer
    }

    deinit { if exists { free() } }

    @inline(never)
    private func free() {
        // SAFETY: so far behind its block's start a buffer begins, and this is its last use.
        unsafe Heap.free(base - Config.receiveBufferOffset, from: currentHeap)
    }

    /// Puts this buffer in front of the free ones that are linked from `list` through their first words.
    @inline(__always)
    fileprivate mutating func link(into list: inout ReceiveBuffer) {
        // SAFETY: a buffer has room for a pointer; from here on only `list` knows its memory.
        unsafe UnsafeMutableRawPointer(base).storeBytes(of: list.memory, as: UnsafeMutablePointer<UInt8>?.self)
        unsafe swap(&list.memory, &memory)
        unsafe memory = nil
        (start, end) = (0, 0)
    }

    /// Takes the first of the buffers that are linked from this value.
    @inline(__always)
    fileprivate mutating func unlinkFirst() -> ReceiveBuffer {
        var first = ReceiveBuffer()
        // SAFETY: `link(into:)` has stored the next one there.
        let next = unsafe UnsafeRawPointer(base).load(as: UnsafeMutablePointer<UInt8>?.self)
        unsafe (first.memory, memory) = (memory, next)
        return first
    }

    /// Whether there is a buffer.
    @inline(__always)
    var exists: Bool { unsafe memory != nil }

    @inline(__always)
    private var base: UnsafeMutablePointer<UInt8> { unsafe memory.unsafelyUnwrapped }

    /// Bytes received and not consumed.
    @inline(__always)
    var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // SAFETY: the invariant; `start..<end` was received, and the span cannot outlive this borrow.
            let span = unsafe Span(_unsafeStart: UnsafePointer(base + start), count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// How many these are.
    @inline(__always)
    var count: Int { end &- start }

    /// Bytes that may still be received.
    @inline(__always)
    var room: Int { Config.receiveBufferSize &- end }

    /// Takes the first `count` bytes away.
    @inline(__always)
    mutating func consume(_ count: Int) {
        precondition(count >= 0 && count <= self.count, "consumed more than was received")
        start &+= count
    }

    /// Takes `count` bytes away that begin at `offset`. What is before them is moved up.
    mutating func consume(_ count: Int, at offset: Int) {
        precondition(offset >= 0 && count >= 0 && offset + count <= self.count, "consumed more than was received")
        // SAFETY: both ranges lie in the received part.
        if count > 0 { unsafe move(to: start + count, from: start, offset) }
        start += count
    }

    /// Shows the bytes to what changes them where they are.
    @inline(__always)
    mutating func change<Result, Failure>(
        _ change: (inout MutableSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard exists else {
            var nothing = MutableSpan<UInt8>()
            return try change(&nothing)
        }
        // SAFETY: the invariant; `start..<end` was received, and the span lives as long as this call.
        var span = unsafe MutableSpan(_unsafeStart: base + start, count: count)
        return try change(&span)
    }

    /// Moves what is not consumed to the start, to have all the room behind it.
    @inline(__always)
    mutating func compact() {
        guard start > 0 else { return }
        // SAFETY: the rest lies in the buffer.
        unsafe move(to: 0, from: start, count)
        end &-= start
        start = 0
    }

    @unsafe private func move(to target: Int, from source: Int, _ count: Int) {
        unsafe UnsafeMutableRawPointer(base + target).copyMemory(from: base + source, byteCount: count)
    }

    /// Adds a copy of `bytes`, for which there must be room.
    mutating func append(_ bytes: borrowing Span<UInt8>) {
        precondition(bytes.count <= room)
        // SAFETY: so much lies behind `end`.
        var writer = unsafe ByteWriter(unsafeBase: base + end, capacity: room)
        writer.append(bytes)
        end += bytes.count
    }

    @inline(never)
    fileprivate mutating func append(inputOf slot: Slot) {
        switch slot.input {
        case .none: break
        case .some(let block): append(block.bytes)
        }
    }

    /// Receives from a socket what there is room for.
    @inline(__always)
    fileprivate mutating func receive(from descriptor: FileDescriptor) throws(Errno) -> Received {
        // SAFETY: `room` bytes lie behind `end`.
        let received = unsafe try descriptor.receive(into: base + end, capacity: room)
        if case .bytes(let count) = received { end &+= count }
        return received
    }
}

/// Receives for the connections of one worker. One buffer is enough while no handler suspends; each that does keeps its
/// own.
struct SocketReader: ~Copyable {
    private let worker: Worker
    private let metrics: ConnectionMetrics
    private let batch: TransferBatch?
    /// The first of `freeCount` buffers that can be used again, and that are linked from it.
    private var free = ReceiveBuffer()
    private var freeCount = 0
    /// The slot whose event is served, if something was received for it in advance that was not taken yet.
    private var ahead: Slot?

    init(_ worker: Worker, _ metrics: ConnectionMetrics, _ batch: TransferBatch?) {
        self.worker = worker
        self.metrics = metrics
        self.batch = batch
    }

    // MARK: Buffers

    /// An empty buffer; none if the heap's limit is reached.
    @inline(never)
    mutating func takeBuffer() -> ReceiveBuffer {
        guard freeCount > 0 else { return ReceiveBuffer.make() }
        freeCount -= 1
        return free.unlinkFirst()
    }

    /// A buffer that begins with a copy of what is kept of the slot's input; none if the heap's limit is reached.
    @inline(__always)
    mutating func takeBuffer(for slot: Slot) -> ReceiveBuffer {
        var buffer = takeBuffer()
        if slot.input != nil, buffer.exists { buffer.append(inputOf: slot) }
        return buffer
    }

    /// Takes back the buffer that a handler has, if it has one; keeps it for later, or frees it if there are enough.
    @inline(never)
    mutating func giveBack(_ buffer: inout ReceiveBuffer) {
        guard buffer.exists else { return }
        guard freeCount < Config.freeReceiveBuffers else { return buffer = ReceiveBuffer() }
        buffer.link(into: &free)
        freeCount += 1
    }

    /// Nothing is under way on this worker: frees all free buffers, and the pages of those of the batch.
    mutating func giveMemoryBack() {
        while freeCount > 0 { _ = takeBuffer() }
        batch?.giveMemoryBack()
    }

    // MARK: Receiving

    /// Receives behind what is in `buffer`. A short read means that the socket is empty: there is no second one to
    /// learn that.
    mutating func receive(_ slot: Slot, into buffer: inout ReceiveBuffer) throws(ConnectionError) -> Received {
        do throws(Errno) {
            let received: Received
            let isShort: Bool
            if slot == ahead {
                received = try takeReceived(into: &buffer)
                if case .bytes(Config.shortReceiveSize) = received { isShort = false } else { isShort = true }
            } else {
                received = try buffer.receive(from: slot.descriptor)
                isShort = buffer.room > 0
            }
            switch received {
            case .bytes(let count):
                if count < Config.shortReceiveSize {
                    slot.flags.remove(.verbose)
                } else {
                    slot.flags.insert(.verbose)
                }
                // After the peer's end there is always one more thing to read: the end.
                if isShort, !slot.flags.contains(.peerClosed) { slot.flags.remove(.readable) }
                metrics.bytesReceived.add(count)
            case .end, .wouldBlock: slot.flags.remove(.readable)
            }
            return received
        } catch {
            throw .broken
        }
    }

    /// Receives for a handler, behind its unconsumed input; it is given a buffer if it has none.
    mutating func receiveBehindInput(
        _ slot: Slot, into buffer: inout ReceiveBuffer
    ) throws(ConnectionError) -> Received {
        if !buffer.exists {
            buffer = takeBuffer(for: slot)
            guard buffer.exists else { throw .outOfMemory }
            slot.input = nil
        }
        buffer.compact()
        guard buffer.room > 0 else { throw .outOfMemory }
        return try receive(slot, into: &buffer)
    }

    /// Throws away what the peer sends, for one turn.
    ///
    /// - Returns: `.end` if it has ended; `.wouldBlock` if more may come; `.bytes` if more is there.
    mutating func discard(_ slot: Slot) throws(ConnectionError) -> Received {
        var buffer = takeBuffer()
        guard buffer.exists else { throw .outOfMemory }
        var received = Received.wouldBlock
        var failure: ConnectionError?
        do throws(ConnectionError) {
            for _ in 0..<Config.readsPerServing {
                received = try receive(slot, into: &buffer)
                guard case .bytes = received, slot.flags.contains(.readable) else { break }
                buffer.consume(buffer.count)
                buffer.compact()
            }
        } catch {
            failure = error
        }
        giveBack(&buffer)
        if let failure { throw failure }
        if case .bytes = received, !slot.flags.contains(.readable) { return .wouldBlock }
        return received
    }

    // MARK: Receiving in advance

    /// An event is served soon, at `position` among those that are: what it brings may be received with the others'.
    func expect(_ slot: Slot, _ readiness: Readiness, at position: Int) {
        if slot.isServedAlone(readiness) {
            batch?.skip(position)
        } else {
            batch?.expect(slot, at: position)
        }
    }

    /// Looks whether something was received for the event that is served now.
    @inline(__always)
    mutating func lookForReceived(_ slot: Slot) {
        guard worker.isCrowded, let batch, batch.hasReceived(slot, at: worker.position) else { return }
        ahead = slot
    }

    /// Takes what was received in advance, as if it were received now. There is room: nothing was asked for where input
    /// was kept.
    @inline(never)
    private mutating func takeReceived(into buffer: inout ReceiveBuffer) throws(Errno) -> Received {
        ahead = nil
        return try batch?.take(at: worker.position) { bytes in buffer.append(bytes) } ?? .wouldBlock
    }

    /// Keeps with the slot what was received in advance and not taken, since there was no buffer for it.
    ///
    /// - Returns: a slot that cannot keep it, and has to be closed.
    @inline(__always)
    mutating func keepReceived() -> Slot? { ahead == nil ? nil : keepAhead() }

    @inline(never)
    private mutating func keepAhead() -> Slot? {
        guard let slot = ahead.take(), slot.isOpen, let batch else { return nil }
        do throws(Errno) {
            let received = try batch.take(at: worker.position) { bytes in slot.input = ByteBlock(copying: bytes) }
            guard case .bytes = received, slot.input == nil else { return nil }
        } catch {
            // A connection that is broken.
        }
        return slot
    }
}

extension Slot {
    /// Whether its event may be about something else than a short request to a connection at rest.
    @inline(__always)
    fileprivate func isServedAlone(_ readiness: Readiness) -> Bool {
        let troubles: Readiness = [.error, .hangUp, .notOpen, .peerClosed]
        let others: DescriptorFlags = [.peerClosed, .unsendable, .verbose]
        let isAtRest = phase == .idle || phase == .fresh
        return !isAtRest || output != nil || input != nil || !readiness.contains(.readable)
            || !readiness.isDisjoint(with: troubles) || !flags.isDisjoint(with: others) || HeapBudget.isNearlySpent
    }
}

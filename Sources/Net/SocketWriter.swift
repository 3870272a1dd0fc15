// Sources/Net/SocketWriter.swift — sending: the output of the handler that runs, gathered, in a batch, or alone.

import Bytes
import Linux
import Primitives
import Runtime

/// Bytes in several places that are sent as one.
///
/// - Invariant: `start` points at `count` pieces, and each of them names bytes that can be read, for as long as the one
///   who made the list has promised (``SocketWriter/quote(_:)``, ``TransferBatch/add(_:_:)``).
@safe struct Pieces {
    @unsafe let start: UnsafeMutablePointer<IOVector>
    let count: Int

    @unsafe init(_ start: UnsafeMutablePointer<IOVector>, count: Int) {
        unsafe self.start = start
        self.count = count
    }

    /// How many bytes they are.
    var byteCount: Int {
        var total = 0
        for index in 0..<count { total += unsafe start[index].count }
        return total
    }

    /// Sends as much of them as the kernel takes, and says how much that is.
    func send(to descriptor: FileDescriptor, more: Bool = false) throws(Errno) -> Int {
        // SAFETY: the invariant.
        guard count > 1 else { return unsafe try descriptor.send(start[0].start, count: start[0].count, more: more) }
        return unsafe try descriptor.send(start, count: count, more: more)
    }

    /// Calls `body` with the bytes of each piece that are not among the first `sent`.
    func forEachUnsent(after sent: Int, _ body: (borrowing Span<UInt8>) throws(ConnectionError) -> Void)
        throws(ConnectionError)
    {
        var sent = sent
        for index in 0..<count {
            // SAFETY: the invariant.
            let bytes = unsafe Span(_unsafeStart: start[index].start, count: start[index].count)
            let gone = Swift.min(sent, bytes.count)
            sent -= gone
            if gone < bytes.count { try body(bytes.extracting(droppingFirst: gone)) }
        }
    }

    /// The same pieces, listed elsewhere.
    ///
    /// - Safety: there is room for them at `place`.
    @unsafe func copied(to place: UnsafeMutablePointer<IOVector>) -> Pieces {
        for index in 0..<count { unsafe place[index] = start[index] }
        return unsafe Pieces(place, count: count)
    }
}

/// The pieces of one turn's output, if some of it is not copied into the output buffer but quoted from elsewhere:
///
///     output   ───── head ─────┬───── another head ─────          buffer of the worker
///                              │
///     quoted                   └─ a response that is always the same, in memory of its own
///
/// - Invariant: `pieces` has room for `Config.piecesPerSend`, in a mapping that is never unmapped.
@safe private struct GatherList: ~Copyable {
    private let pieces: UnsafeMutablePointer<IOVector>
    private var count = 0
    /// Bytes of the output buffer that the pieces cover already.
    private var covered = 0

    init() throws(Errno) {
        let size = unsafe Memory.pages(Config.piecesPerSend * MemoryLayout<IOVector>.stride)
        // SAFETY: kept for the process's life, like the loop that this belongs to.
        unsafe pieces = try Memory.map(size).bindMemory(to: IOVector.self, capacity: Config.piecesPerSend)
    }

    /// Whether nothing is quoted: the output buffer is all there is.
    @inline(__always)
    var isEmpty: Bool { count == 0 }

    /// Whether there is room for one more: its own, what is written before it, and what is written behind the last one.
    var hasRoom: Bool { count + 3 <= Config.piecesPerSend }

    /// Puts `bytes` behind what is in the output buffer. There is room.
    ///
    /// - Safety: `bytes` stay as they are until ``removeAll()``.
    @unsafe mutating func add(_ bytes: borrowing Span<UInt8>, behind output: borrowing ByteWriter) {
        cover(output)
        add(bytes)
    }

    /// All pieces in their order.
    mutating func all(of output: borrowing ByteWriter) -> Pieces {
        cover(output)
        return unsafe Pieces(pieces, count: count)
    }

    @inline(__always)
    mutating func removeAll() {
        count = 0
        covered = 0
    }

    /// Makes a piece of what was written since the last one.
    private mutating func cover(_ output: borrowing ByteWriter) {
        if output.count > covered { add(output.bytes.extracting(droppingFirst: covered)) }
        covered = output.count
    }

    private mutating func add(_ bytes: borrowing Span<UInt8>) {
        precondition(count < Config.piecesPerSend)
        unsafe bytes.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe pieces[count] = IOVector(start, bytes.count)
            count += 1
        }
    }
}

/// Sends for the connections of one worker.
///
/// Methods on the way of a response are mutating or static: one that borrows gets a copy of the 88 bytes.
///
/// - Invariant: `start` points at a mapping of `Config.sendBufferSize + Config.sendBatchSize` bytes that is never
///   unmapped; ``output`` begins in it, at most `Config.sendBatchSize` behind its start.
@safe struct SocketWriter: ~Copyable {
    private let worker: Worker
    private let metrics: ConnectionMetrics
    private let batch: TransferBatch?
    /// Where ``output`` begins when no batch waits.
    private let start: UnsafeMutablePointer<UInt8>
    /// What the running handler has written and not sent. Empty between two tasks.
    var output: ByteWriter
    /// What of it lies elsewhere.
    private var gathered: GatherList
    /// How long a peer may take nothing, in ms.
    var timeout: Int

    /// - Throws: `.noMemory`.
    init(_ worker: Worker, _ metrics: ConnectionMetrics, _ batch: TransferBatch?, timeout: Int) throws(Errno) {
        let gathered = try GatherList()
        let memory = unsafe try Memory.map(Config.sendBufferSize + Config.sendBatchSize)
        // SAFETY: the mapping is kept for the process's life, as is the loop.
        unsafe start = memory.assumingMemoryBound(to: UInt8.self)
        unsafe output = ByteWriter(unsafeBase: start, capacity: Config.sendBufferSize)
        self.gathered = gathered
        self.worker = worker
        self.metrics = metrics
        self.batch = batch
        self.timeout = timeout
    }

    /// Has `bytes` sent behind what is in ``output``, without copying them. False if there is no room for more such.
    ///
    /// - Safety: they stay where and as they are until the output is sent or dropped.
    @unsafe mutating func quote(_ bytes: borrowing Span<UInt8>) -> Bool {
        guard gathered.hasRoom else { return false }
        unsafe gathered.add(bytes, behind: output)
        return true
    }

    /// Forgets what was to be sent.
    mutating func removeAll() {
        output.removeAll()
        gathered.removeAll()
    }

    /// Nothing is under way on this worker: the pages are not needed.
    func giveMemoryBack() {
        // SAFETY: the output is empty between two tasks, and its memory is a mapping of this object's.
        unsafe Memory.discard(start, Config.sendBufferSize + Config.sendBatchSize)
    }

    // MARK: Sending

    /// Sends what waits for the slot, then what is in ``output``; what the kernel does not take waits.
    ///
    /// - Parameter more: whether more follows at once, so that the kernel holds back what fills no segment.
    /// - Returns: whether all was sent.
    @inline(__always)
    mutating func send(_ slot: Slot, more: Bool = false) throws(ConnectionError) -> Bool {
        guard slot.output == nil, gathered.isEmpty, slot.flags.isDisjoint(with: [.batched, .unsendable])
        else { return try sendPieces(slot, more) }
        let count = output.count
        guard count > 0 else { return true }
        let sent = try Self.send(worker, metrics, slot, output.bytes, more)
        if sent < count { try slot.keepUnsent(output.bytes.extracting(droppingFirst: sent)) }
        output.removeAll()
        return sent == count
    }

    /// ``send(_:more:)`` where something waits already, here or in the batch, or where bytes are quoted.
    @inline(never)
    private mutating func sendPieces(_ slot: Slot, _ more: Bool) throws(ConnectionError) -> Bool {
        if slot.flags.contains(.batched) { sendBatch() }
        if slot.flags.contains(.unsendable) { throw .broken }
        let mayBeSent = try sendWaiting(slot)
        let pieces = gathered.all(of: output)
        var sent = 0
        if mayBeSent, pieces.count > 0 {
            do throws(Errno) { sent = try pieces.send(to: slot.descriptor, more: more) } catch { throw .broken }
            Self.note(worker, metrics, slot, sent: sent, of: pieces.byteCount)
        }
        try slot.keepUnsent(pieces, sent: sent)
        removeAll()
        return slot.output == nil
    }

    /// ``send(_:more:)``, and then that there is no more: end and last response leave in one segment. To close the
    /// socket would do that too, but not if bytes have come that were not read: then it throws away what is held back.
    @inline(never)
    mutating func sendLast(_ slot: Slot) throws(ConnectionError) -> Bool {
        guard output.count > 0 || !gathered.isEmpty else { return try send(slot) }
        guard try send(slot, more: true) else { return false }
        do throws(Errno) { try slot.descriptor.shutdownSending() } catch { throw .broken }
        return true
    }

    /// Sends what waits, as far as the kernel takes it. Returns whether nothing waits any more.
    mutating func sendWaiting(_ slot: Slot) throws(ConnectionError) -> Bool {
        guard slot.output != nil else { return true }
        guard slot.flags.contains(.writable) else { return false }
        let sent: Int
        let isAll: Bool
        switch slot.output {
        case .none: return true
        case .some(let block):
            sent = try Self.send(worker, metrics, slot, block.bytes)
            isAll = sent == block.count
        }
        if isAll { slot.output = nil } else { slot.output?.consume(sent) }
        return isAll
    }

    /// One send. The kernel taking less than all means that it has no room until it says so.
    @inline(never)
    private static func send(
        _ worker: Worker, _ metrics: ConnectionMetrics, _ slot: Slot, _ bytes: borrowing Span<UInt8>,
        _ more: Bool = false
    ) throws(ConnectionError) -> Int {
        let count = bytes.count
        do throws(Errno) {
            let sent = try slot.descriptor.send(bytes, more: more)
            note(worker, metrics, slot, sent: sent, of: count)
            return sent
        } catch {
            throw .broken
        }
    }

    private static func note(_ worker: Worker, _ metrics: ConnectionMetrics, _ slot: Slot, sent: Int, of count: Int) {
        metrics.bytesSent.add(sent)
        guard sent < count else { return }
        slot.flags.remove(.writable)
        worker.update(slot)
    }

    // MARK: Slow readers

    /// Gives the peer of a slot with output its time to take some of it.
    mutating func awaitReading(_ slot: Slot) {
        if slot.output != nil { slot.output?.unsent = slot.unsentCount }
        worker.setDeadline(slot, after: timeout)
    }

    // MARK: Batches

    /// Adds what is in ``output`` to the batch. Only for a connection that is served without a task.
    ///
    /// - Returns: false: it has to be sent alone.
    @inline(__always)
    mutating func addToBatch(_ slot: Slot) -> Bool {
        guard worker.isCrowded, let batch else { return false }
        return add(slot, to: batch)
    }

    @inline(never)
    private mutating func add(_ slot: Slot, to batch: TransferBatch) -> Bool {
        guard slot.output == nil, slot.flags.isDisjoint(with: [.batched, .unsendable]) else { return false }
        let pieces = gathered.all(of: output)
        guard pieces.count > 0 else { return true }
        // SAFETY: what is served next writes behind the output, and what is quoted changes with the worker's clock
        // only.
        unsafe batch.add(slot, pieces)
        gathered.removeAll()
        slot.flags.insert(.batched)
        unsafe moveOutput(to: output.base + output.count)
        let isFull = unsafe output.base - start > Config.sendBatchSize
        if isFull || batch.sendCount == Config.transfersPerBatch { submit(batch) }
        return true
    }

    /// Sends what waits in the batch.
    @inline(__always)
    mutating func sendBatch() {
        if let batch, batch.sendCount > 0 { submit(batch) }
    }

    /// Sends and receives what was added to the batch.
    mutating func submit() {
        if let batch { submit(batch) }
    }

    @inline(never)
    private mutating func submit(_ batch: TransferBatch) {
        batch.submit { slot, pieces, sent in
            slot.flags.remove(.batched)
            if let sent {
                let count = pieces.byteCount
                Self.note(worker, metrics, slot, sent: sent, of: count)
                guard sent < count else { return }
                do throws(ConnectionError) {
                    try slot.keepUnsent(pieces, sent: sent)
                    return awaitReading(slot)
                } catch {
                    // What the peer gets would have a hole.
                }
            }
            // Another connection is being served: the reactor reports this one again, and then it is dealt with.
            slot.flags.insert(.unsendable)
            worker.rearm(slot)
        }
        if output.count == 0 && gathered.isEmpty { unsafe moveOutput(to: start) }
    }

    /// Has the output begin at `place`, of which nothing is written yet.
    ///
    /// - Safety: it is at most `Config.sendBatchSize` behind the mapping's start, or nothing is written before the next
    ///   move.
    @unsafe private mutating func moveOutput(to place: UnsafeMutablePointer<UInt8>) {
        unsafe output = ByteWriter(unsafeBase: place, capacity: Config.sendBufferSize)
    }
}

extension Slot {
    /// Keeps a copy of what the kernel did not take of `pieces`, of which it took `sent` bytes.
    fileprivate func keepUnsent(_ pieces: Pieces, sent: Int) throws(ConnectionError) {
        try pieces.forEachUnsent(after: sent) { bytes throws(ConnectionError) in try keepUnsent(bytes) }
    }

    /// Keeps a copy of `bytes`, behind what waits already.
    fileprivate func keepUnsent(_ bytes: borrowing Span<UInt8>) throws(ConnectionError) {
        let block: ByteBlock?
        switch output {
        case .none: block = ByteBlock(copying: bytes)
        case .some(let waiting): block = ByteBlock(copying: waiting.bytes, then: bytes)
        }
        guard block != nil else { throw .outOfMemory }
        output = block
    }

    /// Whether the peer has taken some of what was sent since ``SocketWriter/awaitReading(_:)``. The kernel itself says
    /// that there is room only when a third of its buffer is free, which a slow reader may not manage in time.
    var isReading: Bool {
        guard let before = output?.unsent else { return false }
        return unsentCount < before
    }

    /// How much of what was sent the kernel still has.
    fileprivate var unsentCount: Int {
        do throws(Errno) { return try descriptor.unsentCount() } catch { return 0 }
    }
}

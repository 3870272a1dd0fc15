// Sources/Primitives/LogRing.swift — the log lines of one thread, until the control thread writes them out.

import Bytes
import Linux
import Synchronization

/// A ring of bytes with one producer (a worker, which logs) and one consumer (the control thread, which writes).
///
///     ┌──────────────────────────── capacity, a power of two ───────────────────────────┬── apron ──┐
///     │ …line 4⏎ │ free                      │ line 1⏎ │ line 2⏎ │ line 3⏎ │ line 4 starts│ …and ends │
///     └──────────┴───────────────────────────┴─────────┴─────────┴─────────┴─────────────┴───────────┘
///            ▲ produced                      ▲ consumed                     what the apron got is copied to the front
///
/// Algorithm: Lamport's single-producer ring (L. Lamport, *Specifying Concurrent Program Modules*, TOPLAS 1983), with
/// the other side's index cached as in FastForward/MCRingBuffer (P. Lee et al., IPDPS 2010), so that the two threads do
/// not contend for the same cache line. Indices count bytes for ever; 64 bits do not wrap.
///
/// - Memory order: the producer *releases* its index after the bytes, the consumer *acquires* it, and the other way
///   round for the space that is given back. The sleep flag needs more: producer (index, then flag) and consumer (flag,
///   then index) each write one word and then read the other's, so those four are *sequentially consistent*; else both
///   could read old values, and a line would wait for ever. `Tests/models/logring.pml` shows both.
/// - ABA: nothing is compared and exchanged.
/// - Progress: wait-free on both sides; ``withReadable(_:)`` is async-signal-safe, so a crash handler on the producer's
///   own thread can flush it.
///
/// - Invariant: the three pointers name parts of one mapping that lives as long as this value; `consumed <= produced <=
///   consumed + capacity`, and a line is at most as long as the apron.
@safe public struct LogRing: ~Copyable {
    /// Bytes that the ring holds at most.
    package let capacity: Int

    /// Written by the producer alone, but for `dropped`.
    private struct Producer: ~Copyable {
        let produced = Atomic<Int>(0)
        let dropped = Atomic<Int>(0)
        /// The consumer's index when it was last looked at.
        var consumed = 0
        /// Whether the consumer was told that the ring is half full, and it has stayed so.
        var toldHalfFull = false
    }

    /// Written by the consumer, but for `sleeps`, which the producer clears.
    private struct Consumer: ~Copyable {
        let consumed = Atomic<Int>(0)
        let sleeps = Atomic<Bool>(false)
    }

    private let producer: UnsafeMutablePointer<Producer>
    private let consumer: UnsafeMutablePointer<Consumer>
    private let bytes: UnsafeMutablePointer<UInt8>

    /// Two cache lines, since the processor fetches them in pairs.
    private static var separation: Int { 128 }

    /// Result of writing a line.
    package enum Outcome: Equatable, Sendable {
        /// It is in the ring.
        case written
        /// It is in the ring, and the caller has to wake the consumer: it sleeps, or the ring has become half full.
        case writtenWake
        /// There was no room for it, or it was longer than `Config.maxLogLine`; it is counted as dropped.
        case dropped
    }

    /// An empty ring of `capacity` bytes, a power of two of at least twice `Config.maxLogLine`. Pages become real only
    /// when lines are written to them.
    package init(capacity: Int) throws(Errno) {
        precondition(capacity & (capacity - 1) == 0 && capacity >= 2 * Config.maxLogLine, "the ring's size")
        self.capacity = capacity
        let start = unsafe try Memory.map(Self.mappedBytes(capacity))
        // SAFETY: the mapping is ours, page-aligned, and holds both sides, the bytes and the apron.
        unsafe producer = start.bindMemory(to: Producer.self, capacity: 1)
        unsafe consumer = (start + Self.separation).bindMemory(to: Consumer.self, capacity: 1)
        unsafe bytes = (start + 2 * Self.separation).bindMemory(to: UInt8.self, capacity: capacity + Config.maxLogLine)
        unsafe producer.initialize(to: Producer())
        unsafe consumer.initialize(to: Consumer())
    }

    deinit {
        unsafe Memory.unmap(producer, Self.mappedBytes(capacity))
    }

    private static func mappedBytes(_ capacity: Int) -> Int {
        Memory.pages(2 * separation + capacity + Config.maxLogLine)
    }

    // MARK: Producer

    /// Calls `body` to write one line of at most `Config.maxLogLine` bytes straight into the ring. Producer only.
    ///
    /// The line is visible as a whole or not at all. Cost: what `body` costs, and one exchange.
    @inline(__always)
    package func write(_ body: (inout ByteWriter) -> Void) -> Outcome {
        guard var writer = begin() else { return .dropped }
        body(&writer)
        return commit(writer)
    }

    /// Where the next line goes: room for `Config.maxLogLine` bytes in the ring itself. Producer only.
    ///
    /// - Returns: nil if there is no room; the line is counted as dropped. Else ``commit(_:)`` has to follow.
    package func begin() -> ByteWriter? {
        // SAFETY: only the producer's thread gets here, and only it touches these fields.
        let produced = unsafe producer.pointee.produced.load(ordering: .relaxed)
        guard hasRoom(produced) else {
            _ = drop()
            return nil
        }
        // SAFETY: `maxLogLine` bytes from here are free: up to the end and, if the line crosses it, in the apron, whose
        // content belongs to the front, where as many bytes are free.
        return unsafe ByteWriter(unsafeBase: bytes + (produced & (capacity - 1)), capacity: Config.maxLogLine)
    }

    /// Makes the line that was written since ``begin()`` visible. Producer only.
    package func commit(_ writer: borrowing ByteWriter) -> Outcome {
        guard !writer.overflowed else { return drop() }
        let produced = unsafe producer.pointee.produced.load(ordering: .relaxed)
        let beyond = (produced & (capacity - 1)) + writer.count - capacity
        // SAFETY: what went past the end lies in the apron, and its place at the front is free.
        if beyond > 0 { unsafe UnsafeMutableRawPointer(bytes).copyMemory(from: bytes + capacity, byteCount: beyond) }
        return publish(produced + writer.count)
    }

    /// Whether a line of any allowed length fits. Looks at the consumer's own index only if its cached value says no.
    @inline(__always)
    private func hasRoom(_ produced: Int) -> Bool {
        let limit = capacity - Config.maxLogLine
        // SAFETY: only the producer's thread gets here; see `begin()`.
        if unsafe produced - producer.pointee.consumed <= limit { return true }
        return refreshedUse(produced) <= limit
    }

    /// Bytes in the ring, by the consumer's index as it is now. Acquires the space that the consumer released.
    private func refreshedUse(_ produced: Int) -> Int {
        unsafe producer.pointee.consumed = consumer.pointee.consumed.load(ordering: .acquiring)
        return unsafe produced - producer.pointee.consumed
    }

    @inline(__always)
    private func publish(_ produced: Int) -> Outcome {
        unsafe producer.pointee.produced.store(produced, ordering: .sequentiallyConsistent)
        if unsafe consumer.pointee.sleeps.load(ordering: .sequentiallyConsistent) { return wake() }
        let half = capacity / 2
        if unsafe produced - producer.pointee.consumed < half { return .written }
        return refreshedUse(produced) < half ? belowHalf() : aboveHalf()
    }

    /// The thread that clears the flag wakes the consumer, which may have cleared it itself meanwhile.
    private func wake() -> Outcome {
        unsafe consumer.pointee.sleeps.exchange(false, ordering: .relaxed) ? .writtenWake : .written
    }

    private func belowHalf() -> Outcome {
        unsafe producer.pointee.toldHalfFull = false
        return .written
    }

    private func aboveHalf() -> Outcome {
        if unsafe producer.pointee.toldHalfFull { return .written }
        unsafe producer.pointee.toldHalfFull = true
        return .writtenWake
    }

    private func drop() -> Outcome {
        _ = unsafe producer.pointee.dropped.add(1, ordering: .relaxed)
        return .dropped
    }

    // MARK: Consumer

    /// Passes the readable bytes to `body`: whole lines, oldest first, in two parts, since they may go round the end.
    ///
    /// Nothing is taken; see ``consume(_:)``. A crash handler may call it too, on any thread, beside a consumer and
    /// a producer that run: at worst it repeats lines, or shows some that are being overwritten.
    package func withReadable<Result>(
        _ body: (_ first: borrowing Span<UInt8>, _ second: borrowing Span<UInt8>) -> Result
    ) -> Result {
        // SAFETY: the bytes between the indices are initialised, and the producer does not touch them. The limit
        // matters only to a crash handler beside threads that run on: what it reads may be torn, but it is in the ring.
        let consumed = unsafe consumer.pointee.consumed.load(ordering: .relaxed)
        let count = unsafe min(producer.pointee.produced.load(ordering: .acquiring) - consumed, capacity)
        let offset = consumed & (capacity - 1)
        let first = min(count, capacity - offset)
        return unsafe body(
            Span(_unsafeStart: bytes + offset, count: first), Span(_unsafeStart: bytes, count: count - first))
    }

    /// Frees the space of the `count` oldest bytes. Consumer only.
    package func consume(_ count: Int) {
        // SAFETY: only the consumer's thread stores this index.
        let consumed = unsafe consumer.pointee.consumed.load(ordering: .relaxed) + count
        precondition(
            unsafe consumed <= producer.pointee.produced.load(ordering: .relaxed), "consumed more than there is")
        unsafe consumer.pointee.consumed.store(consumed, ordering: .releasing)
    }

    /// Bytes that can be read. Any thread; the answer may be old when it arrives.
    package var count: Int {
        let consumed = unsafe consumer.pointee.consumed.load(ordering: .relaxed)
        return unsafe producer.pointee.produced.load(ordering: .relaxed) - consumed
    }

    /// How many lines were dropped since the last call. Consumer only.
    package func takeDropped() -> Int {
        unsafe producer.pointee.dropped.exchange(0, ordering: .relaxed)
    }

    /// Announces that the consumer is going to sleep until it is woken: the next line will be answered `.writtenWake`.
    /// Consumer only.
    ///
    /// - Returns: false if there are lines already, or drops to report: do not sleep. The announcement is then
    ///   withdrawn.
    package func prepareToSleep() -> Bool {
        unsafe consumer.pointee.sleeps.store(true, ordering: .sequentiallyConsistent)
        let produced = unsafe producer.pointee.produced.load(ordering: .sequentiallyConsistent)
        let isEmpty = unsafe produced == consumer.pointee.consumed.load(ordering: .relaxed)
        let dropped = unsafe producer.pointee.dropped.load(ordering: .relaxed)
        if isEmpty && dropped == 0 { return true }
        stayAwake()
        return false
    }

    /// Withdraws what ``prepareToSleep()`` announced, after another reason to wake. Consumer only.
    package func stayAwake() {
        unsafe consumer.pointee.sleeps.store(false, ordering: .relaxed)
    }
}

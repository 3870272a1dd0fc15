// Sources/Runtime/DescriptorTable.swift — the slots of all descriptors: the table, its records, and `Slot`.

import Bytes
import Linux
import Primitives
import Synchronization

/// A slot for each number that an open file can have. Pages become real only where descriptors are in use, and the
/// kernel gives out the lowest free number, so the used part is dense.
package enum DescriptorTable {
    // SHARED: both stored by `prepare` before other threads exist, then only read, so relaxed.
    /// The address of the first record.
    private static let base = Atomic<UInt>(0)
    private static let count = Atomic<UInt32>(0)
    /// One more than the highest number that was ever open.
    private static let highest = Atomic<Int>(0)

    /// Maps the table: one slot for each of `limit` numbers.
    static func prepare(limit: Int) throws(Errno) {
        precondition(MemoryLayout<SlotRecord>.size == 64)
        let bytes = Memory.pages(limit * MemoryLayout<SlotRecord>.stride)
        let first = unsafe try Memory.map(bytes).bindMemory(to: SlotRecord.self, capacity: limit)
        base.store(UInt(bitPattern: first), ordering: .relaxed)
        count.store(UInt32(limit), ordering: .relaxed)
    }

    /// The slot of a descriptor; nil if its number is beyond the table.
    @inline(__always)
    package static func slot(_ descriptor: FileDescriptor) -> Slot? {
        let number = UInt32(bitPattern: descriptor.rawValue)
        guard number < count.load(ordering: .relaxed) else { return nil }
        // SAFETY: inside the mapping. Zeros are a slot that was never used.
        let address = base.load(ordering: .relaxed) + UInt(number) << 6
        return unsafe UnsafeMutablePointer<SlotRecord>(bitPattern: address).map { unsafe Slot($0) }
    }

    /// What an event's token names: the slot, if it is still in the same use.
    @inline(__always)
    static func slot(token: UInt64) -> Slot? {
        let descriptor = FileDescriptor(rawValue: Int32(truncatingIfNeeded: token & 0x7fff_ffff))
        guard let slot = slot(descriptor), slot.generation == UInt32(truncatingIfNeeded: token >> 32), slot.isOpen
        else { return nil }
        return slot
    }

    /// The number of the slot at `record`.
    @inline(__always)
    fileprivate static func descriptor(_ record: UnsafeMutablePointer<SlotRecord>) -> FileDescriptor {
        // A slot has 64 bytes (`prepare` checks it): a shift, where the difference of two pointers is a division.
        let offset = UInt(bitPattern: record) &- base.load(ordering: .relaxed)
        return FileDescriptor(rawValue: Int32(truncatingIfNeeded: offset >> 6))
    }

    /// Calls `body` with each open slot of a worker. That worker's thread only. Cost: a look at every slot ever used.
    package static func forEachOpen(of worker: Worker, _ body: (Slot) -> Void) {
        for number in 0..<highest.load(ordering: .relaxed) {
            // The worker's number is stored before its slot is sent to it, so on its own thread it is right.
            guard let slot = slot(FileDescriptor(rawValue: Int32(truncatingIfNeeded: number))), slot.isOpen,
                slot.workerIndex == worker.index
            else { continue }
            body(slot)
        }
    }

    /// Begins a new use of the slot of a descriptor that was just opened; nil if its number is beyond the table.
    ///
    /// - Parameter phase: `.opened` or `.listening`.
    package static func open(_ descriptor: FileDescriptor, as phase: DescriptorPhase = .opened) -> Slot? {
        guard let slot = slot(descriptor) else { return nil }
        let beyond = Int(descriptor.rawValue) + 1
        // Relaxed: a maximum that a worker reads of its own descriptors, which it has heard of through its inbox.
        if beyond > highest.load(ordering: .relaxed) { _ = highest.max(beyond, ordering: .relaxed) }
        return slot.reused(as: phase)
    }
}

/// What is stored of a descriptor: a cache line.
///
///     0  timer: next, previous, deadline      24  generation   28  deadline in coarse ticks
///     32 input      40 output     48 owner    56  phase   57  worker   58  flags   60  protocol
///
/// - Invariant: the timer's pointers are the wheel's, or the inbox's while the slot is sent; the owner is Net's.
/// Nothing else reads them, and ``Slot`` gives them out as unsafe only.
@safe struct SlotRecord: ~Copyable {
    /// In the worker's wheel; its first two words are the inbox's while the slot is sent to its worker.
    var timer = TimerNode()
    var generation: UInt32 = 0
    /// When the connection has waited too long; 0: never. It is stored at every turn, and looked at when the timer in
    /// the wheel, which may be older, comes up.
    var deadlineTick: UInt32 = 0
    var input: ByteBlock?
    var output: ByteBlock?
    var owner: UnsafeMutableRawPointer?
    var phase = DescriptorPhase.closed
    var worker: UInt8 = 0
    var flags: DescriptorFlags = []
    var protocolState: UInt32 = 0

    /// A use of which nothing but this is known.
    init(generation: UInt32, phase: DescriptorPhase) {
        self.generation = generation
        self.phase = phase
    }
}

/// One descriptor: its entry in ``DescriptorTable``. An idle connection is this and nothing else: no task, no buffer.
///
/// Only its worker touches it, but for the moment before: the thread that opens the descriptor fills the slot in and
/// sends it to the worker's inbox. A slot is good for one use of the descriptor's number, from ``DescriptorTable/open``
/// to the descriptor's closing. Do not keep it beyond that: debug builds trap when it is used in a later use.
///
/// - Invariant: `record` points into the table, which is never unmapped and whose zeros are valid. So no access is to
///   memory of something else, whatever has become of the descriptor. Not `Sendable`: slots cross threads by
///   `Scheduler.send(_:to:)` only.
@safe public struct Slot: Equatable {
    private let pointer: UnsafeMutablePointer<SlotRecord>
    #if DEBUG
        /// The use of the number that this value is for; nil: the present one, whichever that is.
        private let use: UInt32
    #endif

    @inline(__always)
    fileprivate init(_ pointer: UnsafeMutablePointer<SlotRecord>) {
        unsafe self.pointer = pointer
        #if DEBUG
            unsafe use = pointer.pointee.generation
        #endif
    }

    /// Whether two slots are the same descriptor's.
    @inline(__always)
    public static func == (_ first: Slot, _ second: Slot) -> Bool { unsafe first.pointer == second.pointer }

    /// The slot whose timer is `node`.
    @inline(__always)
    init(_ node: UnsafeMutablePointer<TimerNode>) {
        // SAFETY: the deadlines' wheel holds slots' timers only, and the timer is a slot's first field.
        unsafe self.init(UnsafeMutableRawPointer(node).assumingMemoryBound(to: SlotRecord.self))
    }

    /// The slot that was sent as `node`, whose timer it makes one again.
    init(received node: UnsafeMutablePointer<InboxNode>) {
        // SAFETY: `Scheduler.send(_:to:)` has sent a slot's first field.
        unsafe self.init(UnsafeMutableRawPointer(node).assumingMemoryBound(to: SlotRecord.self))
        record.timer = TimerNode()
    }

    private var record: SlotRecord {
        // SAFETY: the invariant.
        @inline(__always) unsafeAddress {
            checkUse()
            return unsafe UnsafePointer(pointer)
        }
        @inline(__always) nonmutating unsafeMutableAddress {
            checkUse()
            return unsafe pointer
        }
    }

    @inline(__always)
    private func checkUse() {
        #if DEBUG
            precondition(unsafe pointer.pointee.generation == use, "a slot outlived its descriptor")
        #endif
    }

    /// Begins a new use, in which nothing is known but the generation and `phase`.
    fileprivate func reused(as phase: DescriptorPhase) -> Slot {
        transition(to: phase)
        let generation = generation &+ 1
        record = SlotRecord(generation: generation, phase: phase)
        return unsafe Slot(pointer)
    }

    // MARK: What it is

    /// The descriptor.
    @inline(__always)
    package var descriptor: FileDescriptor { unsafe DescriptorTable.descriptor(pointer) }

    /// Which use of the number this is. Events and handles of earlier uses are recognised by it.
    @inline(__always)
    var generation: UInt32 { record.generation }

    /// What events of this use carry.
    @inline(__always)
    var token: UInt64 { UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor.rawValue)) }

    /// Where the descriptor is in its life.
    @inline(__always)
    package var phase: DescriptorPhase { record.phase }

    /// Whether the descriptor is in use.
    @inline(__always)
    package var isOpen: Bool { phase.isOpen }

    /// Goes on to another phase. Traps if it may not follow; the diagram is ``DescriptorPhase``'s.
    @inline(never)
    package func transition(to next: DescriptorPhase) {
        precondition(phase.mayBecome(next), "a descriptor's phase that may not follow the one before")
        record.phase = next
    }

    /// What else is known of it.
    @inline(__always)
    package var flags: DescriptorFlags {
        get { record.flags }
        nonmutating set { record.flags = newValue }
    }

    /// The number of the worker that owns it.
    @inline(__always)
    package var workerIndex: Int {
        get { Int(record.worker) }
        nonmutating set { record.worker = UInt8(truncatingIfNeeded: newValue) }
    }

    /// A word of the protocol's own; 0 at first.
    @inline(__always)
    package var protocolState: UInt32 {
        get { record.protocolState }
        nonmutating set { record.protocolState = newValue }
    }

    /// The object that serves the connection now, as Net knows it.
    @inline(__always)
    @unsafe package var owner: UnsafeMutableRawPointer? {
        get { unsafe record.owner }
        nonmutating set { unsafe record.owner = newValue }
    }

    // MARK: Bytes that wait

    /// Bytes that were received and not consumed, while no handler serves the connection.
    @inline(__always)
    package var input: ByteBlock? {
        _read { yield record.input }
        nonmutating _modify { yield &record.input }
    }

    /// Bytes that the kernel has not taken yet.
    @inline(__always)
    package var output: ByteBlock? {
        _read { yield record.output }
        nonmutating _modify { yield &record.output }
    }

    // MARK: Its deadline

    /// Sets the slot's deadline to `tick`, of 2^`Config.deadlineTickShift` ms, of its worker's wheel.
    /// Cost: a store; the wheel is touched only if no timer is in it or the one in it is later.
    @inline(__always)
    func setDeadline(_ tick: UInt64, in wheel: borrowing TimerWheel) {
        record.deadlineTick = UInt32(truncatingIfNeeded: tick)
        let deadline = tick << Config.deadlineTickShift
        guard !record.timer.isScheduled || record.timer.deadline > deadline else { return }
        // SAFETY: the slot's own timer, which is in its worker's wheel or in none.
        unsafe wheel.reschedule(firstField(), at: deadline)
    }

    /// Whether the slot has no deadline, or one after `tick`.
    @inline(__always)
    func isFree(until tick: UInt64) -> Bool { record.deadlineTick == 0 || record.deadlineTick > tick }

    /// Removes the slot's deadline. Its timer stays in the wheel, and finds no deadline when it expires.
    @inline(__always)
    func clearDeadline() { record.deadlineTick = 0 }

    /// Its timer has come up in `wheel`. Whether its deadline has come too: the timer may be older, and waits on then.
    func deadlineHasCome(at now: UInt64, in wheel: borrowing TimerWheel) -> Bool {
        guard record.deadlineTick != 0 else { return false }
        let deadline = UInt64(record.deadlineTick) << Config.deadlineTickShift
        if deadline > now {
            // SAFETY: the timer has just left the wheel.
            unsafe wheel.schedule(firstField(), at: deadline)
            return false
        }
        clearDeadline()
        return true
    }

    /// Takes its timer out of its worker's wheel.
    func removeTimer(from wheel: borrowing TimerWheel) {
        // SAFETY: the slot's own timer, which is in its worker's wheel or in none.
        unsafe wheel.cancel(firstField())
    }

    /// The slot's first field: its timer, as the wheel knows it; or an entry of an inbox, while it has no timer.
    @inline(__always)
    @unsafe func firstField<Field>() -> UnsafeMutablePointer<Field> {
        // SAFETY: before the slot is adopted, the timer's first 16 bytes are of no use but the inbox's.
        unsafe UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Field.self)
    }
}

/// What a worker knows of a descriptor beside its phase.
package struct DescriptorFlags: OptionSet, Sendable {
    /// The bits.
    package let rawValue: UInt16

    /// The set of the bits `rawValue`.
    @inline(__always)
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    // MARK: Role

    /// A listener's: its connections are for administration. A connection's: it came by such a one.
    package static var administration: DescriptorFlags { DescriptorFlags(rawValue: 1 << 0) }
    /// Its protocol wants to know when its deadline passes, when the process drains, and when it ends.
    package static var managesLifetime: DescriptorFlags { DescriptorFlags(rawValue: 1 << 1) }

    // MARK: Readiness

    /// The reactor watches it.
    package static var watched: DescriptorFlags { DescriptorFlags(rawValue: 1 << 2) }
    /// Reading would not block, as far as is known: set by events, cleared by a short read.
    package static var readable: DescriptorFlags { DescriptorFlags(rawValue: 1 << 3) }
    /// Writing would not block, as far as is known: cleared by a partial write, set by events.
    package static var writable: DescriptorFlags { DescriptorFlags(rawValue: 1 << 4) }
    /// The peer sends no more after what can still be read.
    package static var peerClosed: DescriptorFlags { DescriptorFlags(rawValue: 1 << 5) }

    // MARK: Batches

    /// What it is sent waits in a batch.
    package static var batched: DescriptorFlags { DescriptorFlags(rawValue: 1 << 6) }
    /// A batch could not send to it: it is broken, and its handler has not been told yet.
    package static var unsendable: DescriptorFlags { DescriptorFlags(rawValue: 1 << 7) }
    /// The last receive brought much.
    package static var verbose: DescriptorFlags { DescriptorFlags(rawValue: 1 << 8) }
    /// Other threads may send on it: the loop's `ConnectionPost` hears of its end.
    package static var addressed: DescriptorFlags { DescriptorFlags(rawValue: 1 << 9) }
}

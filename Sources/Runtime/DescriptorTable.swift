// Sources/Runtime/DescriptorTable.swift — the slots of all descriptors.

import Bytes
import Linux
import Primitives
import Synchronization

/// A slot for each number that an open file can have. Pages become real only where descriptors are in use, and the
/// kernel gives out the lowest free number, so the used part is dense.
public enum DescriptorTable {
    // SHARED: both written by `prepare` before other threads exist, then only read.
    nonisolated(unsafe) private static var slots: SlotPointer?
    nonisolated(unsafe) private static var count = 0
    /// One more than the highest number that was ever open.
    private static let highest = Atomic<Int>(0)

    /// Maps the table: one slot for each of `limit` numbers.
    static func prepare(limit: Int) throws(Errno) {
        unsafe precondition(MemoryLayout<DescriptorSlot>.size == 64)
        let bytes = unsafe Memory.pages(limit * MemoryLayout<DescriptorSlot>.stride)
        unsafe slots = try Memory.map(bytes).bindMemory(to: DescriptorSlot.self, capacity: limit)
        unsafe count = limit
    }

    /// The slot of an open descriptor; nil if its number is beyond the table.
    @inline(__always)
    public static func slot(_ descriptor: FileDescriptor) -> SlotPointer? {
        guard unsafe Int(descriptor.rawValue) < count, let slots = unsafe slots else { return nil }
        // SAFETY: inside the mapping. Zeros are a slot that was never used.
        return unsafe slots + Int(descriptor.rawValue)
    }

    /// The descriptor of a slot.
    @inline(__always)
    public static func descriptor(_ slot: SlotPointer) -> FileDescriptor {
        // A slot has 64 bytes (`prepare` checks it): a shift, where the difference of two pointers is a division.
        let offset = UInt(bitPattern: slot) &- UInt(bitPattern: unsafe slots)
        return FileDescriptor(rawValue: Int32(truncatingIfNeeded: offset >> 6))
    }

    /// What an event's token names: the slot, if it is still in the same use.
    @inline(__always)
    static func slot(token: UInt64) -> SlotPointer? {
        let descriptor = FileDescriptor(rawValue: Int32(truncatingIfNeeded: token & 0x7fff_ffff))
        guard let slot = unsafe slot(descriptor) else { return nil }
        guard unsafe slot.pointee.generation == UInt32(truncatingIfNeeded: token >> 32),
            unsafe slot.pointee.state.contains(.open)
        else { return nil }
        return unsafe slot
    }

    /// The token of a slot's present use.
    @inline(__always)
    static func token(_ slot: SlotPointer) -> UInt64 {
        unsafe UInt64(slot.pointee.generation) << 32 | UInt64(descriptor(slot).rawValue)
    }

    /// Calls `body` with each open slot of a worker. That worker's thread only. Cost: a look at every slot ever used.
    public static func forEachOpen(of worker: Worker, _ body: (SlotPointer) -> Void) {
        guard let slots = unsafe slots else { return }
        for index in 0..<highest.load(ordering: .relaxed) {
            // SAFETY: the worker's number is stored before its slot is sent to it, so on its own thread it is right.
            let slot = unsafe slots + index
            guard unsafe slot.pointee.state.contains(.open), unsafe Int(slot.pointee.worker) == worker.index else {
                continue
            }
            unsafe body(slot)
        }
    }

    /// Begins a new use of the slot of a descriptor that was just opened; nil if its number is beyond the table.
    public static func open(_ descriptor: FileDescriptor, state: DescriptorState = []) -> SlotPointer? {
        guard let slot = unsafe slot(descriptor) else { return nil }
        let beyond = Int(descriptor.rawValue) + 1
        // Relaxed: a maximum that a worker reads of its own descriptors, which it has heard of through its inbox.
        if beyond > highest.load(ordering: .relaxed) { _ = highest.max(beyond, ordering: .relaxed) }
        let generation = unsafe slot.pointee.generation &+ 1
        unsafe slot.initialize(to: DescriptorSlot())
        unsafe slot.pointee.generation = generation
        unsafe slot.pointee.state = state.union(.open)
        return unsafe slot
    }
}

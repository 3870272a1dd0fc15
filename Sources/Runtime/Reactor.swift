// Sources/Runtime/Reactor.swift — a set of descriptors, and a way to wait for those that are ready.

import Bytes
import Linux
import Logging
import Primitives

/// How one worker learns which of its descriptors are ready. The worker's thread only.
///
/// A subclass asks the kernel; ``ReactorKind`` makes it. The worker mentions this class alone, so that a program links
/// the subclasses that it names. Events carry the token of ``DescriptorTable``, by which one for an earlier use of a
/// number is recognised.
///
/// Invariant: the first ``wait(timeout:)`` results of ``events`` are initialised, and the mapping is never unmapped.
@safe class Reactor {
    /// The name in the log.
    final let tag: LogTag
    /// Whether readiness is reported when it changes, not as long as it lasts.
    final let isEdgeTriggered: Bool
    /// How many descriptors are watched.
    final var count = 0
    /// What the last wait found.
    final let events: UnsafeMutableBufferPointer<EpollEvent>

    /// A reactor that reports up to `capacity` events at a time.
    init(_ tag: LogTag, isEdgeTriggered: Bool, capacity: Int) throws(Errno) {
        self.tag = tag
        self.isEdgeTriggered = isEdgeTriggered
        let bytes = capacity * MemoryLayout<EpollEvent>.stride
        // SAFETY: kept for the process's life, like the reactor.
        unsafe events = UnsafeMutableBufferPointer(
            start: try Memory.map(Memory.pages(bytes)).bindMemory(to: EpollEvent.self, capacity: capacity),
            count: capacity)
    }

    // MARK: For the worker

    /// Watches a descriptor until it is removed. `exclusive`: of several reactors that watch it, one is woken.
    final func add(_ slot: Slot, exclusive: Bool = false) throws(Errno) {
        try register(slot, exclusive: exclusive)
        slot.flags.insert(.watched)
        update(slot)
    }

    /// Follows a change of the slot's state: what would not block need not be asked about.
    @inline(__always)
    final func update(_ slot: Slot) {
        if !isEdgeTriggered { changeInterest(slot) }
    }

    /// Reports what the descriptor is ready for once more.
    final func rearm(_ slot: Slot) {
        if slot.flags.contains(.watched) { reportAgain(slot) }
    }

    /// Watches the descriptor no more. `isClosing`: the descriptor is closed next.
    final func remove(_ slot: Slot, isClosing: Bool) {
        guard slot.flags.contains(.watched) else { return }
        unregister(slot, isClosing: isClosing)
        slot.flags.remove(.watched)
    }

    /// Event `index` of the last wait.
    @inline(__always)
    final func event(_ index: Int) -> EpollEvent {
        // SAFETY: the type's invariant; the worker asks for events below what `wait` returned.
        unsafe events[index]
    }

    // MARK: For subclasses

    /// Begins to watch a descriptor.
    func register(_ slot: Slot, exclusive: Bool) throws(Errno) {}

    /// Asks about what the slot's state leaves open from now on. Not called where readiness is reported by change.
    func changeInterest(_ slot: Slot) {}

    /// Reports a watched descriptor's readiness once more.
    func reportAgain(_ slot: Slot) {}

    /// Ends what ``register(_:exclusive:)`` began.
    func unregister(_ slot: Slot, isClosing: Bool) {}

    /// Waits up to `timeout` ms (negative: for ever). Returns how many of ``events`` there are.
    func wait(timeout: Int) -> Int { 0 }
}

// Sources/Runtime/Reactor.swift — a set of descriptors, and a way to wait for those that are ready; epoll(7).

import Bytes
import Linux
import Logging
import Primitives

/// How one worker learns which of its descriptors are ready. The worker's thread only.
///
/// A subclass asks the kernel; ``ReactorKind`` makes it. The worker mentions this class alone, so that a program links
/// the subclasses that it names. Events carry the token of ``DescriptorTable``, by which one for an earlier use of a
/// number is recognised.
class Reactor {
    /// The name in the log.
    final let tag: LogTag
    /// The name in settings; what ``ReactorMaker`` calls it.
    final var name: StaticString = "none"
    /// Whether readiness is reported when it changes, not as long as it lasts.
    final let isEdgeTriggered: Bool
    /// How many descriptors are watched.
    final var count = 0
    /// How many were logged last, and when that may be done again, in ms of the worker's clock.
    private final var reported = (count: -1, next: UInt64(0))
    /// What the last wait found.
    final var events: MappedArray<EpollEvent>

    /// A reactor that reports up to `capacity` events at a time.
    init(_ tag: LogTag, isEdgeTriggered: Bool, capacity: Int) throws(Errno) {
        self.tag = tag
        self.isEdgeTriggered = isEdgeTriggered
        events = try MappedArray(count: capacity)
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
    final func event(_ index: Int) -> EpollEvent { events[index] }

    /// Logs how many descriptors are watched, as `[epoll] monitoring 3 fds`: if that has changed, and at most once a
    /// second.
    final func report(at now: UInt64) {
        guard reported.count != count, now >= reported.next else { return }
        reported = (count, now + Config.reactorReportInterval)
        Log.write(tag, level: .info) { line in
            line.append(" monitoring ")
            line.append(decimal: count)
            line.append(" fds")
        }
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

/// Each descriptor is registered once for its whole life, for every kind of readiness. What an event says is kept as
/// bits in the slot until a short read or write takes it back, so no interest ever has to be changed.
final class EpollReactor: Reactor {
    /// What a connection is registered for, once.
    private static var everything: Readiness { [.readable, .writable, .peerClosed, .edgeTriggered] }

    private let epoll: Epoll

    init() throws(Errno) {
        epoll = try Epoll()
        try super.init(LogTag("[epoll]"), isEdgeTriggered: true, capacity: Config.eventsPerWait)
    }

    override func register(_ slot: Slot, exclusive: Bool) throws(Errno) {
        // A listener is level-triggered: a worker may leave connections to the other workers.
        let listening: Readiness = exclusive ? [.readable, .exclusive] : .readable
        let readiness = slot.phase == .listening ? listening : Self.everything
        try epoll.add(slot.descriptor, for: readiness, token: slot.token)
        count += 1
    }

    override func reportAgain(_ slot: Slot) {
        do throws(Errno) {
            try epoll.modify(slot.descriptor, for: Self.everything, token: slot.token)
        } catch {
            fatalError("epoll_ctl failed for a registered descriptor")
        }
    }

    override func unregister(_ slot: Slot, isClosing: Bool) {
        count -= 1
        // A connection is open nowhere else, so closing it takes it out. A listener may be shared.
        if isClosing, slot.phase != .listening { return }
        do throws(Errno) {
            try epoll.remove(slot.descriptor)
        } catch {
            // It is not there: then it is removed.
        }
    }

    override func wait(timeout: Int) -> Int {
        do throws(Errno) {
            var room = events.first(events.count)
            return try epoll.wait(into: &room, timeout: timeout)
        } catch {
            // EBADF, EFAULT or EINVAL: the program is wrong.
            fatalError("epoll_wait failed")
        }
    }
}

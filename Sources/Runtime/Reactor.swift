// Sources/Runtime/Reactor.swift — who is ready: one interface, two ways to ask the kernel.

import Linux
import Primitives

/// Is told of an event that comes soon: its token, what is ready, its place, whether it is the last one of its batch.
typealias Expectation = (UInt64, Readiness, Int, Bool) -> Void

/// A set of descriptors, and a way to wait for one of them to be ready.
///
/// Events carry the token of ``DescriptorTable``, so one for an earlier use of a number is recognised.
protocol ReactorBackend: AnyObject {
    /// The name in the log.
    static var tag: LogTag { get }
    /// How many descriptors are watched.
    var count: Int { get }
    /// Watches a descriptor until it is removed. `exclusive`: of several reactors that watch it, one is woken.
    func add(_ slot: Slot, exclusive: Bool) throws(Errno)
    /// Follows a change of the slot's state: what would not block need not be asked about.
    func update(_ slot: Slot)
    /// Reports what the descriptor is ready for once more.
    func rearm(_ slot: Slot)
    /// Watches it no more. `isClosing`: the descriptor is closed next.
    func remove(_ slot: Slot, isClosing: Bool)
    /// Waits up to `timeout` ms (negative: for ever), and calls `event` for each descriptor that is ready.
    ///
    /// If there are several, `expect` is called before, for up to `Config.transfersPerBatch` events at a time, with
    /// each one's place among them and whether it is the last one; `event` is called with the place, else with -1.
    func wait(timeout: Int, expect: Expectation, _ event: (UInt64, Readiness, Int) -> Void)
}

/// The backend that was chosen at start: one branch, then static dispatch.
enum Reactor {
    case epoll(EpollReactor)
    case ppoll(PpollReactor)

    var tag: LogTag {
        switch self {
        case .epoll: EpollReactor.tag
        case .ppoll: PpollReactor.tag
        }
    }

    var count: Int {
        switch self {
        case .epoll(let reactor): reactor.count
        case .ppoll(let reactor): reactor.count
        }
    }

    /// Whether readiness is reported when it changes, not as long as it lasts.
    var isEdgeTriggered: Bool {
        if case .epoll = self { true } else { false }
    }

    func add(_ slot: Slot, exclusive: Bool = false) throws(Errno) {
        switch self {
        case .epoll(let reactor): try reactor.add(slot, exclusive: exclusive)
        case .ppoll(let reactor): try reactor.add(slot, exclusive: exclusive)
        }
        slot.flags.insert(.watched)
        update(slot)
    }

    @inline(__always)
    func update(_ slot: Slot) {
        if case .ppoll(let reactor) = self { reactor.update(slot) }
    }

    func rearm(_ slot: Slot) {
        guard slot.flags.contains(.watched) else { return }
        switch self {
        case .epoll(let reactor): reactor.rearm(slot)
        case .ppoll(let reactor): reactor.rearm(slot)
        }
    }

    func remove(_ slot: Slot, isClosing: Bool) {
        guard slot.flags.contains(.watched) else { return }
        switch self {
        case .epoll(let reactor): reactor.remove(slot, isClosing: isClosing)
        case .ppoll(let reactor): reactor.remove(slot, isClosing: isClosing)
        }
        slot.flags.remove(.watched)
    }

    @inline(__always)
    func wait(timeout: Int, expect: Expectation, _ event: (UInt64, Readiness, Int) -> Void) {
        switch self {
        case .epoll(let reactor): reactor.wait(timeout: timeout, expect: expect, event)
        case .ppoll(let reactor): reactor.wait(timeout: timeout, expect: expect, event)
        }
    }
}

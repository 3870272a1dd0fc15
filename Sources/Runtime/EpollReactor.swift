// Sources/Runtime/EpollReactor.swift — epoll(7), edge-triggered.

import Bytes
import Linux
import Logging
import Primitives

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
            return unsafe try epoll.wait(into: events, timeout: timeout)
        } catch {
            // EBADF, EFAULT or EINVAL: the program is wrong.
            fatalError("epoll_wait failed")
        }
    }
}

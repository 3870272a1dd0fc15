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

    override func register(_ slot: SlotPointer, exclusive: Bool) throws(Errno) {
        // A listener is level-triggered: a worker may leave connections to the other workers.
        let listening: Readiness = exclusive ? [.readable, .exclusive] : .readable
        unsafe try epoll.add(
            DescriptorTable.descriptor(slot), for: slot.pointee.state.contains(.listener) ? listening : Self.everything,
            token: DescriptorTable.token(slot))
        count += 1
    }

    override func reportAgain(_ slot: SlotPointer) {
        do throws(Errno) {
            unsafe try epoll.modify(
                DescriptorTable.descriptor(slot), for: Self.everything, token: DescriptorTable.token(slot))
        } catch {
            fatalError("epoll_ctl failed for a registered descriptor")
        }
    }

    override func unregister(_ slot: SlotPointer, isClosing: Bool) {
        count -= 1
        // A connection is open nowhere else, so closing it takes it out. A listener may be shared.
        if isClosing, unsafe !slot.pointee.state.contains(.listener) { return }
        do throws(Errno) {
            unsafe try epoll.remove(DescriptorTable.descriptor(slot))
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

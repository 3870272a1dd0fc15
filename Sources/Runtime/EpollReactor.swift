// Sources/Runtime/EpollReactor.swift — epoll(7), edge-triggered.

import Bytes
import Linux
import Primitives

/// Each descriptor is registered once for its whole life, for every kind of readiness. What an event says is kept as
/// bits in the slot until a short read or write takes it back, so no interest ever has to be changed.
@safe final class EpollReactor: ReactorBackend {
    static var tag: LogTag { .epoll }

    /// What a connection is registered for, once.
    private static var everything: Readiness { [.readable, .writable, .peerClosed, .edgeTriggered] }

    private let epoll: Epoll
    private let events: UnsafeMutableBufferPointer<EpollEvent>
    private(set) var count = 0

    init() throws(Errno) {
        epoll = try Epoll()
        let capacity = Config.eventsPerWait
        let bytes = capacity * MemoryLayout<EpollEvent>.stride
        // SAFETY: kept for the process's life, like the reactor.
        unsafe events = UnsafeMutableBufferPointer(
            start: try Memory.map(Memory.pages(bytes)).bindMemory(to: EpollEvent.self, capacity: capacity),
            count: capacity)
    }

    func add(_ slot: Slot, exclusive: Bool) throws(Errno) {
        // A listener is level-triggered: whoever accepts may leave connections to the other workers.
        let listening: Readiness = exclusive ? [.readable, .exclusive] : .readable
        let readiness = slot.phase == .listening ? listening : Self.everything
        try epoll.add(slot.descriptor, for: readiness, token: slot.token)
        count += 1
    }

    func rearm(_ slot: Slot) {
        do throws(Errno) {
            try epoll.modify(slot.descriptor, for: Self.everything, token: slot.token)
        } catch {
            fatalError("epoll_ctl failed for a registered descriptor")
        }
    }

    func update(_ slot: Slot) {}

    func remove(_ slot: Slot, isClosing: Bool) {
        count -= 1
        // A connection is open nowhere else, so closing it takes it out. A listener may be shared.
        if isClosing, slot.phase != .listening { return }
        do throws(Errno) {
            try epoll.remove(slot.descriptor)
        } catch {
            // It is not there: then it is removed.
        }
    }

    @inline(__always)
    func wait(timeout: Int, expect: Expectation, _ event: (UInt64, Readiness, Int) -> Void) {
        let found: Int
        do throws(Errno) {
            unsafe found = try epoll.wait(into: events, timeout: timeout)
        } catch {
            // EBADF, EFAULT or EINVAL: the program is wrong.
            fatalError("epoll_wait failed")
        }
        // SAFETY: the kernel filled `found` events in.
        guard found > 1 else {
            if found == 1 { unsafe event(events[0].token, events[0].readiness, -1) }
            return
        }
        var first = 0
        while first < found {
            let end = Swift.min(first + Config.transfersPerBatch, found)
            for index in first..<end {
                unsafe expect(events[index].token, events[index].readiness, index - first, index + 1 == end)
            }
            for index in first..<end { unsafe event(events[index].token, events[index].readiness, index - first) }
            first = end
        }
    }
}

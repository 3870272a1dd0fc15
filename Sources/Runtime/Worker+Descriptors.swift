// Sources/Runtime/Worker+Descriptors.swift — what a worker does with its descriptors: deadlines, watching, forgetting.

import Bytes
import Linux
import Logging
import Primitives

extension Worker {
    /// Has `slot`'s deadline be `milliseconds` from now. Cost: a store; the wheel is touched only if no timer is in it
    /// or the one in it is later.
    @inline(never)
    public func setDeadline(_ slot: Slot, after milliseconds: Int) {
        assert(isCurrent || !isRunning, "a worker's descriptors are its own thread's")
        let tick = (now + UInt64(milliseconds)) >> Config.deadlineTickShift + 1
        slot.deadlineTick = UInt32(truncatingIfNeeded: tick)
        let deadline = tick << Config.deadlineTickShift
        if unsafe !slot.timer.pointee.isScheduled || slot.timer.pointee.deadline > deadline {
            // SAFETY: the slot's own timer, in this worker's wheel or in none.
            unsafe TimerWheel.cancel(slot.timer)
            unsafe deadlines.schedule(slot.timer, at: deadline)
        }
    }

    /// Has `slot` no deadline. What is in the wheel finds that out.
    @inline(__always)
    public func clearDeadline(_ slot: Slot) { slot.deadlineTick = 0 }

    /// Watches `slot`'s descriptor. `exclusive`: other workers watch it too, and one is enough.
    public func watch(_ slot: Slot, exclusive: Bool = false) throws(Errno) {
        assert(isCurrent || !isRunning, "a worker's descriptors are its own thread's")
        slot.workerIndex = index
        try reactor.add(slot, exclusive: exclusive)
    }

    /// Watches it no more, but leaves it open.
    public func unwatch(_ slot: Slot) { reactor.remove(slot, isClosing: false) }

    /// Has the reactor report the descriptor's present readiness again, as if it were new. Cost: a system call.
    public func rearm(_ slot: Slot) { reactor.rearm(slot) }

    /// Has the reactor know that the slot's state changed.
    @inline(__always)
    public func update(_ slot: Slot) { reactor.update(slot) }

    /// Ends this use of the slot. The descriptor is to be closed next, and by that the slot is given away: its number
    /// may come back on another worker at once. So nobody may look at the slot from then on.
    public func forget(_ slot: Slot) {
        assert(isCurrent || !isRunning, "a worker's descriptors are its own thread's")
        // SAFETY: the slot's own timer.
        unsafe TimerWheel.cancel(slot.timer)
        reactor.remove(slot, isClosing: true)
        slot.flags = []
        slot.transition(to: .closed)
    }

    /// Says that a descriptor that was closed from outside, or broke, is no longer watched.
    public func reportRemoval(_ slot: Slot) {
        Log.write(reactor.tag, level: .info) { line in
            line.append(" removing closed fd=")
            line.append(decimal: Int(slot.descriptor.rawValue))
        }
    }
}

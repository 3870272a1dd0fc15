// Sources/Runtime/Worker+Descriptors.swift — what a worker does with its descriptors: deadlines, watching, forgetting.

import Bytes
import Linux
import Logging
import Primitives

extension Worker {
    /// Has `slot`'s deadline be `milliseconds` from now. Cost: a store; the wheel is touched only if no timer is in it
    /// or the one in it is later.
    @inline(__always)
    public func setDeadline(_ slot: SlotPointer, after milliseconds: Int) {
        let tick = (now + UInt64(milliseconds)) >> Config.deadlineTickShift + 1
        unsafe slot.pointee.deadlineTick = UInt32(truncatingIfNeeded: tick)
        let scheduled = unsafe slot.pointee.timer.deadline
        if unsafe !slot.pointee.timer.isScheduled || scheduled > tick << Config.deadlineTickShift {
            unsafe TimerWheel.cancel(slot.timerNode)
            unsafe deadlines.schedule(slot.timerNode, at: tick << Config.deadlineTickShift)
        }
    }

    /// Has `slot` no deadline. What is in the wheel finds that out.
    @inline(__always)
    public func clearDeadline(_ slot: SlotPointer) { unsafe slot.pointee.deadlineTick = 0 }

    /// Watches `slot`'s descriptor. `exclusive`: other workers watch it too, and one is enough.
    public func watch(_ slot: SlotPointer, exclusive: Bool = false) throws(Errno) {
        unsafe slot.pointee.worker = UInt16(truncatingIfNeeded: index)
        unsafe try reactor.add(slot, exclusive: exclusive)
    }

    /// Watches it no more, but leaves it open.
    public func unwatch(_ slot: SlotPointer) { unsafe reactor.remove(slot, isClosing: false) }

    /// Has the reactor report the descriptor's present readiness again, as if it were new. Cost: a system call.
    public func rearm(_ slot: SlotPointer) { unsafe reactor.rearm(slot) }

    /// Has the reactor know that the slot's state changed.
    @inline(__always)
    public func update(_ slot: SlotPointer) { unsafe reactor.update(slot) }

    /// Ends this use of the slot. The descriptor is to be closed next, and by that the slot is given away: its number
    /// may come back on another worker at once. So nobody may look at the slot from then on.
    public func forget(_ slot: SlotPointer) {
        unsafe TimerWheel.cancel(slot.timerNode)
        unsafe reactor.remove(slot, isClosing: true)
        unsafe slot.pointee.state = []
    }

    /// Says that a descriptor that was closed from outside, or broke, is no longer watched.
    public func reportRemoval(_ slot: SlotPointer) {
        Log.write(reactor.tag, level: .info) { line in
            line.append(" removing closed fd=")
            line.append(decimal: Int(unsafe DescriptorTable.descriptor(slot).rawValue))
        }
    }
}

// Tests/Freestanding/check-threads/Slots.swift — what a slot and its blocks refuse.

import Bytes
import CLinux
import CheckSupport
import Linux
import Primitives
import Runtime

/// Uses that would break an invariant: each ends the process before it can do harm.
private enum Misuse: CaseIterable {
    /// More bytes have gone on than a block holds.
    case consumesTooMuch
    /// A phase that may not follow.
    case wrongPhase
    /// A listener that is served.
    case servesListener
    /// A descriptor that is opened while it is in use.
    case opensTwice

    func happen(_ slot: Slot) {
        switch self {
        case .consumesTooMuch: slot.output?.consume(6)
        case .wrongPhase: slot.transition(to: .idle)
        case .servesListener:
            slot.transition(to: .closed)
            DescriptorTable.open(slot.descriptor, as: .listening)?.transition(to: .serving)
        case .opensTwice: _ = DescriptorTable.open(slot.descriptor)
        }
    }
}

func checkSlots() {
    let text: StaticString = "hello"
    Child.runToEnd("a slot keeps what waits") {
        let slot = openedSlot()
        check(slot.phase == .opened && slot.input == nil && slot.output == nil, "a slot begins empty")
        slot.output = ByteBlock(copying: text.bytes, then: text.bytes)
        check(slot.output?.count == 10, "both parts are there")
        slot.output?.consume(5)
        slot.output?.consume(0)
        check(slot.output?.count == 5, "the first part has gone on")
        switch slot.output {
        case .none: check(false, "something waits")
        case .some(let block): check(hasPrefix(block.bytes, "hello"), "the second part is as it was")
        }
        slot.output = nil
        check(slot.output == nil, "nothing waits any more")
        slot.transition(to: .fresh)
        slot.transition(to: .serving)
        slot.transition(to: .closed)
        check(!slot.isOpen, "it is closed")
        check(DescriptorTable.open(slot.descriptor)?.phase == .opened, "its number is used again")
    }
    for misuse in Misuse.allCases {
        checkTrap("a broken invariant traps") { slot in
            slot.output = ByteBlock(copying: text.bytes)
            misuse.happen(slot)
        }
    }
    #if DEBUG
        checkTrap("a slot that outlives its descriptor traps") { slot in
            slot.transition(to: .closed)
            _ = DescriptorTable.open(slot.descriptor)
            slot.transition(to: .fresh)
        }
    #endif
}

/// A slot in a table that was just made. No worker runs.
private func openedSlot() -> Slot {
    do throws(Errno) {
        try Runtime.prepare(RuntimeOptions())
        guard let slot = DescriptorTable.open(.standardError) else { throw .tooManyOpenFiles }
        return slot
    } catch {
        fatalError("no slot")
    }
}

/// Runs `body` in a copy of this process, which it has to end with a trap.
private func checkTrap(_ claim: StaticString, _ body: (Slot) -> Void) {
    let pipe = Pipe()
    let child = Child.runToDie {
        pipe.replace(.standardError)
        body(openedSlot())
    }
    let words = pipe.readAll()
    child.check(.killed(Signal(rawValue: SIGILL)), claim)
    check(contains(words.bytes, "[PANIC] signal=SIGILL"), claim)
}

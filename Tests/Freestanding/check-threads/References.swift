// Tests/Freestanding/check-threads/References.swift — references that are not counted, and workers by their number.

import Bytes
import CLinux
import CheckRuntime
import CheckSupport
import Linux
import Primitives
import Runtime

/// Tells when it is freed.
private final class Witness {
    nonisolated(unsafe) static var freed = 0
    let number: Int

    init(_ number: Int) { self.number = number }

    deinit { unsafe Witness.freed += 1 }
}

/// An immortal object outlives all counted references, and goes when it is freed.
func checkImmortality() {
    Child.runToEnd("immortal objects live until they are freed") {
        let references = [immortalWitness(0), immortalWitness(1)]
        for turn in 0..<1000 {
            let object = references[turn % 2].object
            let copies = [object, object, object]
            check(copies[turn % 3].number == turn % 2, "a reference leads to its object")
        }
        check(unsafe Witness.freed == 0, "no counted reference frees an immortal object")
        check(references[0] == references[0] && references[0] != references[1], "references are compared by object")
        let same = unsafe ImmortalReference<Witness>(address: references[1].address)
        check(same == references[1] && same.object.number == 1, "an address is as good as the reference")
        unsafe references[0].free()
        check(unsafe Witness.freed == 1, "an object that is freed goes")
        check(references[1].object.number == 1, "and no other")
    }
}

/// A shared place keeps its object, and shows the one that was stored last.
func checkSharedReferences() {
    Child.runToEnd("a shared reference keeps its object") {
        check(shared.reference == nil, "a shared reference begins with none")
        for number in 0..<3 {
            shared.store(Witness(number))
            check(shared.reference?.object.number == number, "it has the object that was stored last")
        }
        check(unsafe Witness.freed == 0, "and none is freed")
    }
    #if DEBUG
        Child.runToDie {
            FileDescriptor.standardError.close()
            let reference = immortalWitness(0)
            unsafe reference.free()
            _ = reference.object.number
        }.check(.killed(Signal(rawValue: SIGILL)), "a reference to an object that was freed traps in debug builds")
    #endif
}

private let shared = SharedReference<Witness>()

private func immortalWitness(_ number: Int) -> ImmortalReference<Witness> {
    let witness = Witness(number)
    makeImmortal(witness)
    return ImmortalReference(witness)
}

/// A worker that is not there is not made up.
func checkWorkersByNumber() {
    for number in [-1, 2, Int.max] {
        let child = Child.runToDie {
            FileDescriptor.standardError.close()
            startRuntime(workers: 2)
            _ = Scheduler.worker(number).index
        }
        child.check(.killed(Signal(rawValue: SIGILL)), "a worker that is not there ends the process")
    }
}

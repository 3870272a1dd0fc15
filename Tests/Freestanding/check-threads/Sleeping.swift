// Tests/Freestanding/check-threads/Sleeping.swift — a thousand sleepers: none wakes early, and each in its turn.

import CheckRuntime
import CheckSupport
import Linux
import Runtime
import Synchronization

func checkSleeping() {
    Child.runToEnd("sleepers wake when it is time") {
        startRuntime(workers: 4)
        Sleepers.run()
        stopRuntime()
    }
}

private enum Sleepers {
    static let count = 1000
    private static let woken = Atomic<Int>(0)
    /// The latest deadline, in ns, of those that woke on each worker.
    private static let latest: [4 of AtomicWord] = .init { _ in AtomicWord() }

    static func run() {
        var random = Random(seed: 7)
        for number in 0..<count {
            // A fifth of them takes the shortest times, in which an error of a millisecond shows.
            let milliseconds = number % 5 == 0 ? number % 3 : random.next(below: 250)
            let home = Scheduler.worker(number % Scheduler.workerCount)
            TaskHandle.spawnTask(on: home) { await Sleepers.sleepOnce(milliseconds) }
        }
        wait { TaskHandle.count == 0 }
        check(woken.load(ordering: .relaxed) == count, "each sleeper wakes")
    }

    private static func sleepOnce(_ milliseconds: Int) async {
        let start = Clock.monotonicNanoseconds
        await sleep(milliseconds: milliseconds)
        let deadline = start + UInt64(milliseconds) * 1_000_000
        check(Clock.monotonicNanoseconds >= deadline, "no task wakes before the time has passed")
        woken.add(1, ordering: .relaxed)
        guard milliseconds > 0, let worker = Worker.current else { return }
        // Those that are due within a few ms of each other may have read the clock in another order.
        let before = latest[worker.index].value.load(ordering: .relaxed)
        check(UInt(deadline) + 10_000_000 > before, "sleepers wake in the order of their deadlines")
        if UInt(deadline) > before { latest[worker.index].value.store(UInt(deadline), ordering: .relaxed) }
    }
}

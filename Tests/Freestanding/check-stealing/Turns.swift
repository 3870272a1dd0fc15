// Tests/Freestanding/check-stealing/Turns.swift — wake-ups and fairness: workers that sleep, and workers that are busy.

import CheckSupport
import Linux
import Runtime
import Synchronization
import _Concurrency

/// Free tasks that come when all workers sleep, or are about to: one that were not seen would wait for another event.
func checkWakeUps() {
    var random = Random(seed: 5)
    let ran = Count()
    for round in 1...3000 {
        if round % 2 == 0 {
            Task { ran.value.add(1, ordering: .relaxed) }
        } else {
            // From a worker, which then does not turn until it has run.
            Runtime.spawn(on: random.next(below: Scheduler.workerCount)) {
                Task { ran.value.add(1, ordering: .relaxed) }
                if Scheduler.workerCount > 1 { wait { ran.value.load(ordering: .relaxed) >= round } }
            }
        }
        wait { ran.value.load(ordering: .relaxed) >= round }
        for _ in 0..<random.next(below: 2000) { RawThread.relax() }
    }
}

/// While each worker's tasks yield for ever, and each step takes 5 ms, every worker answers: less often than after
/// 1024 steps, which take five seconds.
func checkFairness() {
    let isOver = Flag()
    let left = Count()
    for index in 0..<Scheduler.workerCount {
        for isBound in [false, true] {
            left.value.add(1, ordering: .relaxed)
            Runtime.spawn(on: index) {
                if isBound { return await busy(isOver, left) }
                Task { await busy(isOver, left) }
            }
        }
    }
    for _ in 0..<3 {
        let begin = Clock.monotonicMilliseconds
        Scheduler.askHeartbeat()
        wait { Scheduler.firstSilentWorker == nil }
        let time = Clock.monotonicMilliseconds - begin
        check(time < 2000, "workers answer while their tasks yield for ever")
    }
    isOver.value.store(true, ordering: .relaxed)
    wait { left.value.load(ordering: .relaxed) == 0 }
}

private func busy(_ isOver: Flag, _ left: Count) async {
    while !isOver.value.load(ordering: .relaxed) {
        let end = Clock.monotonicNanoseconds + 5_000_000
        while Clock.monotonicNanoseconds < end { RawThread.relax() }
        await Task.yield()
    }
    left.value.subtract(1, ordering: .relaxed)
}

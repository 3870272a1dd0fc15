// Tests/Freestanding/check-stealing/Spreading.swift — where tasks run, also if a worker is blocked.

import CheckSupport
import Linux
import Runtime
import Synchronization
import _Concurrency

/// Each worker runs its task, before and after suspensions; the value arrives at tasks of all kinds.
func bound() async {
    let home = here
    for index in 0..<Scheduler.workerCount {
        let task = Runtime.spawn(on: index) { () -> Int in
            for _ in 0..<10 {
                check(here == index, "a bound task is at home")
                await Task.yield()
            }
            await sleep(milliseconds: 1)
            // A free task's value, which comes from any worker.
            let value = await Task { await doubled(index) }.value
            check(value == 2 * index && here == index, "a bound task comes home from what it awaits")
            return here
        }
        let again = Task { await task.value }
        let value = await task.value
        check(value == index, "a bound task runs at home, and its value arrives")
        check(here == home, "the task that awaited it is at home, too")
        let other = await again.value
        check(other == index, "its value arrives at a free task")
    }
}

private func doubled(_ number: Int) async -> Int {
    await Task.yield()
    return 2 * number
}

/// 10,000 small tasks run on more than one worker, if there are more. The others may have no processor for a while:
/// then it takes some rounds.
func spread() async {
    let workers = Count()
    repeat {
        let ran = Count()
        let tasks = (0..<10_000).map { number in
            Task { () -> Int in
                var sum = 0
                for index in 0..<200 { sum &+= index ^ ran.value.load(ordering: .relaxed) }
                workers.value.bitwiseOr(1 << here, ordering: .relaxed)
                ran.value.add(1, ordering: .relaxed)
                return sum == .min ? -1 : number
            }
        }
        for number in tasks.indices {
            let value = await tasks[number].value
            check(value == number, "each small task returns its value")
        }
        check(ran.value.load(ordering: .relaxed) == 10_000, "each small task runs once")
    } while Scheduler.workerCount > 1 && workers.value.load(ordering: .relaxed).nonzeroBitCount < 2
}

/// More tasks than a worker's queue holds, which suspend, too.
func overflow() async {
    let ran = Count()
    let tasks = (0..<20_000).map { number in
        Task {
            if number % 3 == 0 { await Task.yield() }
            if number % 1000 == 0 { await sleep(milliseconds: 1) }
            ran.value.add(1, ordering: .relaxed)
        }
    }
    for task in tasks { await task.value }
    check(ran.value.load(ordering: .relaxed) == 20_000, "each of many tasks runs once")
}

/// The tasks of a worker that never comes to run them: others do.
func blocked() {
    let ran = Count()
    for number in 0..<1000 {
        Task {
            if number % 2 == 0 { await Task.yield() }
            ran.value.add(1, ordering: .relaxed)
        }
    }
    // Not a suspension: this worker's loop does not turn.
    wait { ran.value.load(ordering: .relaxed) == 1000 }
}

/// A free task that a blocked worker resumes goes on elsewhere.
func blockedWhileAwaited() async {
    for _ in 0..<20 {
        let hasEnded = Flag()
        let gate = Gate()
        Task {
            await gate.wait()
            hasEnded.value.store(true, ordering: .releasing)
        }
        await sleep(milliseconds: 1)
        gate.open()
        wait { hasEnded.value.load(ordering: .acquiring) }
    }
}

/// A continuation that one task waits in and another resumes, in either order.
final class Gate: Sendable {
    private let word = Atomic<UInt>(0)

    func wait() async {
        unsafe await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let raw = unsafe unsafeBitCast(continuation, to: UInt.self)
            if word.exchange(raw, ordering: .acquiringAndReleasing) == 1 { unsafe continuation.resume() }
        }
    }

    func open() {
        let raw = word.exchange(1, ordering: .acquiringAndReleasing)
        if raw > 1 { unsafe unsafeBitCast(raw, to: UnsafeContinuation<Void, Never>.self).resume() }
    }
}

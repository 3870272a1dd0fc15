// Tests/Freestanding/check-channels/Support.swift — a runtime in a process of its own, and tasks on given workers.

import CheckRuntime
import CheckSupport
import Linux
import Runtime
import Synchronization
import _Concurrency

/// Runs `body` as a task on worker 0 of a runtime in a process of its own.
func withRuntime(workers: Int, _ claim: StaticString, _ body: @escaping @Sendable () async -> Void) {
    Child.runToEnd(claim) {
        startRuntime(workers: workers)
        TaskHandle.spawnTask(on: Scheduler.worker(0)) {
            await body()
            stopWorkers()
        }
        Runtime.join()
    }
}

/// A task that was made on the worker `number`, counted round.
func task<Result: Sendable>(
    on number: Int, _ body: @escaping @Sendable () async -> Result
) async -> Task<Result, Never> {
    await withCheckedContinuation { continuation in
        TaskHandle.spawnTask(on: Scheduler.worker(number % Scheduler.workerCount)) {
            continuation.resume(returning: Task { await body() })
        }
    }
}

/// `count` tasks, made on the workers in turn; ends when all have ended.
func together(_ count: Int, _ body: @escaping @Sendable (Int) async -> Void) async {
    var tasks: [Task<Void, Never>] = []
    for number in 0..<count { tasks.append(await task(on: number) { await body(number) }) }
    for task in tasks { await task.value }
}

/// Lets the other tasks of all workers run for a moment, so that what can suspend has suspended.
func settle() async { await sleep(milliseconds: 2) }

/// An object that counts how many of its kind there are.
final class Parcel: Sendable {
    static let alive = Atomic<Int>(0)
    let number: Int

    init(_ number: Int) {
        self.number = number
        Self.alive.add(1, ordering: .relaxed)
    }

    deinit { Self.alive.subtract(1, ordering: .relaxed) }
}

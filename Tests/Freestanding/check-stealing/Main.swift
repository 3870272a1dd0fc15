// Tests/Freestanding/check-stealing/Main.swift — free tasks among workers, bound ones at home, on 1, 2, 4 and 8
// workers.

import CheckRuntime
import CheckSupport
import Linux
import Runtime
import Synchronization
import _Concurrency

@main enum Main {
    static func main() {
        limitTime(seconds: 25)
        for workers in [1, 2, 4, 8] {
            Child.runToEnd("bound tasks stay at home, free ones spread") {
                startRuntime(workers: workers)
                onWorker(0) { await bound() }
                onWorker(0) { await spread() }
                onWorker(workers - 1) { await overflow() }
                checkWakeUps()
                if workers > 1 {
                    onWorker(0) { blocked() }
                    onWorker(workers - 1) { await blockedWhileAwaited() }
                }
                checkFairness()
                stop()
            }
        }
        finish()
    }
}

func stop() {
    stopWorkers()
    Runtime.join()
}

/// Waits, on a thread that is no worker.
func wait(until isSo: () -> Bool) {
    while !isSo() { RawThread.yield() }
}

/// Runs `body` bound to a worker, and waits for its end on a thread that is no worker.
func onWorker(_ index: Int, _ body: @escaping @Sendable () async -> Void) {
    let isDone = Flag()
    Runtime.spawn(on: index) {
        await body()
        isDone.value.store(true, ordering: .releasing)
    }
    wait { isDone.value.load(ordering: .acquiring) }
}

/// Something that has happened, or not yet.
final class Flag: Sendable {
    let value = Atomic<Bool>(false)
}

/// A number that tasks count together.
final class Count: Sendable {
    let value = Atomic<Int>(0)
}

/// The index of the worker that runs this.
var here: Int { Worker.current?.index ?? -1 }

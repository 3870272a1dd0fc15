// Tests/Freestanding/check-threads/Runtimes.swift — runtimes of all sizes, started and stopped.

import Bytes
import CheckRuntime
import CheckSupport
import Linux
import Logging
import Options
import Runtime
import Synchronization
import _Concurrency

/// Stops every worker, and waits for their threads.
func stopRuntime() {
    stopWorkers()
    Runtime.join()
    check(Runtime.hasEnded, "all workers have ended")
    check(TaskHandle.count == 0, "every task has ended")
}

/// Waits, on a thread that is no worker.
func wait(until isSo: () -> Bool) {
    while !isSo() { RawThread.yield() }
}

/// 1, 2, 4 and 8 workers, by epoll and by ppoll; each runs a task of its own.
func checkRuntimes() {
    for workers in [1, 2, 4, 8] {
        for reactor in [ReactorKind.epoll, .ppoll] {
            Child.runToEnd("a runtime starts and stops") {
                startRuntime(workers: workers, reactor: reactor)
                check(Scheduler.workerCount == workers, "there are as many workers as were asked for")
                for index in 0..<workers {
                    TaskHandle.spawnTask(on: Scheduler.worker(index)) {
                        check(Worker.current?.index == index, "a task runs on its home")
                        for _ in 0..<10 { await Task.yield() }
                        await sleep(milliseconds: 1)
                        check(Worker.current?.index == index, "a task stays on its home")
                        homecomings.add(1 << (8 * index), ordering: .relaxed)
                    }
                }
                wait { TaskHandle.count == 0 }
                for index in 0..<workers {
                    check(homecomings.load(ordering: .relaxed) >> (8 * index) & 0xff == 1, "each worker runs its task")
                }
                check(!Runtime.hasEnded, "workers run until they are stopped")
                stopRuntime()
            }
        }
    }
}

/// A byte for each worker.
private let homecomings = Atomic<Int>(0)

// Tests/Freestanding/check-sleepers/Main.swift — tasks that sleep: ended by time, by cancellation, and by both at once;
// and what a crowd of them takes of memory.
//
//     check-sleepers [COUNT]    COUNT sleeping tasks; 100,000 if it is not said

import Bytes
import CheckRuntime
import CheckSupport
import Linux
import Runtime
import Synchronization
import _Concurrency

@main enum Main {
    static func main() {
        limitTime(seconds: 100)
        let count = number(Arguments.ofProcess) ?? 100_000
        for workers in [1, 2, 4, 8] {
            Child.runToEnd("sleepers end by time or by cancellation") {
                startRuntime(workers: workers)
                TaskHandle.spawnTask(on: Scheduler.worker(0)) {
                    await cancelledSleeps()
                    await deepSleeps()
                    await cancellationMeetsTime()
                    stopWorkers()
                }
                Runtime.join()
            }
        }
        startRuntime(workers: 2)
        Crowd.run(count)
        stopWorkers()
        Runtime.join()
        finish()
    }

    private static func number(_ arguments: Arguments) -> Int? {
        guard arguments.count > 0 else { return nil }
        var value = 0
        let word = arguments[0]
        for index in 0..<word.count { value = value * 10 + Int(word[index]) - 48 }
        return value
    }
}

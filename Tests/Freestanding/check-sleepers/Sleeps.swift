// Tests/Freestanding/check-sleepers/Sleeps.swift — sleeps that a cancellation ends, from any worker and at any moment.

import CheckSupport
import Linux
import Runtime
import Synchronization
import _Concurrency

private let hour = 3_600_000

/// A task that was made on the worker `number`, counted round.
private func task<Result: Sendable>(
    on number: Int, _ body: @escaping @Sendable () async -> Result
) async -> Task<Result, Never> {
    await withCheckedContinuation { continuation in
        TaskHandle.spawnTask(on: Scheduler.worker(number % Scheduler.workerCount)) {
            continuation.resume(returning: Task { await body() })
        }
    }
}

/// Before, during and after.
func cancelledSleeps() async {
    for other in 0..<4 {
        let early = await task(on: other) { () -> Bool in
            while !Task.isCancelled { await Task.yield() }
            await sleep(milliseconds: hour)
            return Task.isCancelled
        }
        early.cancel()
        check(await early.value, "a cancelled task does not sleep")

        let asleep = await task(on: other) { () -> Bool in
            await sleep(milliseconds: hour)
            // Nor does it sleep again.
            await sleep(milliseconds: hour)
            return Task.isCancelled
        }
        await sleep(milliseconds: 2)
        asleep.cancel()
        check(await asleep.value, "a task that sleeps ends when it is cancelled")

        let late = await task(on: other) { () -> Bool in
            let start = Clock.monotonicMilliseconds
            await sleep(milliseconds: 3)
            let slept = Clock.monotonicMilliseconds - start
            while !Task.isCancelled { await Task.yield() }
            return slept >= 3
        }
        await sleep(milliseconds: 6)
        late.cancel()
        check(await late.value, "a cancellation after the time changes nothing")

        let nested = await task(on: other) { () -> Int in
            let calls = Counter()
            await withTaskCancellationHandler {
                await sleep(milliseconds: hour)
                await withTaskCancellationHandler {
                    await sleep(milliseconds: hour)
                } onCancel: {
                    calls.value.add(1, ordering: .relaxed)
                }
            } onCancel: {
                calls.value.add(1, ordering: .relaxed)
            }
            return calls.value.load(ordering: .relaxed)
        }
        await sleep(milliseconds: 1)
        nested.cancel()
        check(await nested.value == 2, "handlers around sleeps are called, once each")

        let thrower = await task(on: other) { () -> Bool in
            do throws(CancellationError) {
                try await sleep(for: .milliseconds(1))
                try await sleep(for: .seconds(-1))
                try await sleep(for: .seconds(3600))
                return false
            } catch { return true }
        }
        await sleep(milliseconds: 4)
        thrower.cancel()
        check(await thrower.value, "a sleep for a duration says that it was cancelled")
    }
}

/// Sleeps at each level of calls, before and after the deeper ones.
func deepSleeps() async {
    let tasks = [await task(on: 0) { await sleepDeeply(24) }, await task(on: 1) { await sleepDeeply(25) }]
    check(await tasks[0].value == 300, "calls around sleeps return what they should")
    check(await tasks[1].value == 325, "calls around sleeps return what they should, on each worker")
}

private func sleepDeeply(_ depth: Int) async -> Int {
    guard depth > 0 else { return 0 }
    let words: [9 of Int] = .init { depth << 8 + $0 }
    await sleep(milliseconds: 1)
    let below = await sleepDeeply(depth - 1)
    await sleep(milliseconds: depth % 2)
    for index in words.indices {
        check(words[index] == depth << 8 + index, "frames keep their values while deeper ones come and go")
    }
    return below + depth
}

private final class Counter: Sendable {
    let value = Atomic<Int>(0)
}

/// The time comes at the moment of the cancellation: the task goes on, once, and its frames stay its own.
func cancellationMeetsTime() async {
    for round in 0..<40 {
        var tasks: [Task<Int, Never>] = []
        for number in 0..<16 {
            tasks.append(
                await task(on: number) { () -> Int in
                    var steps = 0
                    for time in 1...3 {
                        await sleep(milliseconds: time % 2 + 1)
                        steps += time
                    }
                    return steps
                })
        }
        let all = tasks
        let canceller = await task(on: round) {
            for number in 0..<16 {
                if number % 4 == round % 4 { await sleep(milliseconds: 1) }
                all[number].cancel()
            }
        }
        await canceller.value
        for task in tasks { check(await task.value == 6, "each sleep ends once") }
    }
}

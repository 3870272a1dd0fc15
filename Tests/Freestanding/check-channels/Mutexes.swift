// Tests/Freestanding/check-channels/Mutexes.swift — one thread at a time; tasks woken by threads that are no workers.

import CheckRuntime
import CheckSupport
import Linux
import Runtime
import Synchronization
import _Concurrency

/// Two words that are equal whenever no thread is inside.
private struct Pair: ~Copyable {
    var first = 0
    var second = 0
}

// Both modules are imported: the name means Runtime's.
private let pair = Mutex(Pair())

private func increment() {
    pair.withLock { pair in
        check(pair.first == pair.second, "no thread sees what another one has begun")
        pair.first += 1
        if pair.first % 64 == 0 { RawThread.yield() }
        pair.second += 1
    }
}

func mutexes() async {
    await together(8) { _ in
        for turn in 0..<500 {
            increment()
            if turn % 100 == 0 { await Task.yield() }
        }
    }
    pair.withLock { pair in check(pair.first == 8 * 500 && pair.second == 8 * 500, "no increment is lost") }
    let isFree = pair.withLock { _ in pair.withLockIfAvailable { _ in true } }
    check(isFree == nil, "a locked mutex is not available")
    check(pair.withLockIfAvailable { $0.first } == 8 * 500, "a free one is")
}

// MARK: Continuations

private let waiting = Mutex<[CheckedContinuation<Int, Never>]>([])
private let answered = Atomic<Int>(0)

/// Tasks on all workers that this thread, which is no worker, wakes.
func wakesFromAnyThread(workers: Int) {
    Child.runToEnd("a thread that is no worker wakes tasks") {
        startRuntime(workers: workers)
        for index in 0..<16 {
            TaskHandle.spawnTask(on: Scheduler.worker(index % workers)) {
                for _ in 0..<50 {
                    let answer = await withCheckedContinuation { continuation in
                        waiting.withLock { $0.append(continuation) }
                    }
                    check(answer == 42, "the value arrives")
                    answered.add(1, ordering: .relaxed)
                }
            }
        }
        while answered.load(ordering: .relaxed) < 16 * 50 {
            let all = waiting.withLock { list in
                let all = list
                list = []
                return all
            }
            if all.isEmpty { RawThread.yield() }
            for continuation in all { continuation.resume(returning: 42) }
        }
        for index in 0..<workers { TaskHandle.spawnTask(on: Scheduler.worker(index)) { Worker.current?.stop() } }
        Runtime.join()
    }
}

/// Two threads try to resume the same task.
func resumedByOne() async {
    for round in 0..<100 {
        let wins = Wins()
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            for worker in 0..<2 {
                TaskHandle.spawnTask(on: Scheduler.worker((round + worker) % Scheduler.workerCount)) {
                    if continuation.tryResume() { wins.count.add(1, ordering: .relaxed) }
                    wins.ended.add(1, ordering: .releasing)
                }
            }
        }
        while wins.ended.load(ordering: .acquiring) < 2 { await Task.yield() }
        check(wins.count.load(ordering: .relaxed) == 1, "one of those that try resumes the task")
    }
}

private final class Wins: Sendable {
    let count = Atomic<Int>(0)
    let ended = Atomic<Int>(0)
}

/// A second resumption ends the process by a trap, and the last line says why and where.
func resumedTwice() {
    let pipe = Pipe()
    let child = Child.runToDie {
        pipe.replace(.standardError)
        startRuntime(workers: 1)
        TaskHandle.spawnTask { await waitForTwo() }
        Runtime.join()
    }
    let text = pipe.readAll()
    child.check(.killed(Signal(rawValue: 4)), "a continuation that is resumed twice traps")
    check(
        contains(text.bytes, " reason=a continuation was resumed twice: waitForTwo()\n"),
        "the last line names the function")
}

private func waitForTwo() async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        continuation.resume()
        continuation.resume()
    }
}

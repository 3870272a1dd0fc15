// Tests/Freestanding/check-tasks/Main.swift — Swift tasks on workers: continuations, futures, cancellation, yield.

import CheckRuntime
import CheckSupport
import Linux
import Runtime
import Synchronization
import _Concurrency

enum Failure: Error {
    case expected(Int)
}

/// Continuations on their way to a thread that resumes them: slots, each an atomic word.
final class Exchange: Sendable {
    let pending = Atomic<UInt>(0)
}

let hops = 20
let taskCount = 200
let finished = Atomic<Int>(0)
let sum = Atomic<Int>(0)
let handlers = Atomic<Int>(0)
/// A mailbox a worker: the next worker's tasks take what is in it and resume it.
let mailboxes: [16 of AtomicBox] = .init { _ in AtomicBox() }

struct AtomicBox: ~Copyable {
    let value = Atomic<UInt>(0)
}

/// Suspends; the next task that passes the same mailbox resumes the continuation, on any worker.
func hop(_ number: Int) async {
    unsafe await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
        let raw = unsafe unsafeBitCast(continuation, to: UInt.self)
        let previous = mailboxes[number % 16].value.exchange(raw, ordering: .acquiringAndReleasing)
        resume(previous)
    }
}

func resume(_ raw: UInt) {
    guard raw != 0 else { return }
    unsafe unsafeBitCast(raw, to: UnsafeContinuation<Void, Never>.self).resume()
}

func work(_ number: Int) async throws(Failure) -> Int {
    for step in 0..<hops { await hop(number + step) }
    if number % 7 == 0 { throw .expected(number) }
    return number
}

func oneTask(_ number: Int) async {
    let child = Task { () -> Int in
        do throws(Failure) {
            return try await work(number)
        } catch {
            guard case .expected(let value) = error else { return -1 }
            return value
        }
    }
    let value = await child.value
    let again = await child.value
    check(value == number && again == number, "a task's value is what it returned, for each task that waits")
    await Task.yield()
    sum.add(value, ordering: .relaxed)
    finished.add(1, ordering: .releasing)
}

func cancelled() async {
    await cancelledWhileSuspended()
    await scopeEndsDuringHandler()
    await handlerCancels()
    let task = Task { () -> Bool in
        await withTaskCancellationHandler {
            while !Task.isCancelled { await Task.yield() }
            return true
        } onCancel: {
            handlers.add(1, ordering: .relaxed)
        }
    }
    task.cancel()
    let sawIt = await task.value
    check(sawIt, "a cancelled task sees it")
    let late = Task { () -> Bool in
        await sleep(milliseconds: 5)
        return await withTaskCancellationHandler {
            Task.isCancelled
        } onCancel: {
            handlers.add(1, ordering: .relaxed)
        }
    }
    late.cancel()
    let lateSawIt = await late.value
    check(lateSawIt, "a handler that comes after the cancellation is called too")
    finished.add(1, ordering: .releasing)
}

/// Continuations that are left in the mailboxes are resumed by this, until all is done.
func sweep() async {
    while finished.load(ordering: .acquiring) < taskCount + 2 {
        for index in 0..<16 { resume(mailboxes[index].value.exchange(0, ordering: .acquiringAndReleasing)) }
        await sleep(milliseconds: 1)
    }
    stopWorkers()
}

@main enum Main {
    static func main() {
        for workers in [1, 2, 4, 8] { Child.runToEnd("tasks run") { run(workers: workers) } }
        finish()
    }

    private static func run(workers: Int) {
        startRuntime(workers: workers)
        for number in 0..<taskCount {
            TaskHandle.spawnTask { await oneTask(number) }
        }
        TaskHandle.spawnTask { await cancelled() }
        TaskHandle.spawnTask { await values() }
        TaskHandle.spawnTask { await sweep() }
        Runtime.join()
        check(sum.load(ordering: .relaxed) == taskCount * (taskCount - 1) / 2, "every task's value arrived")
        check(handlers.load(ordering: .relaxed) == 2, "each cancellation handler was called once")
        checkParcels()
        check(TaskHandle.count == 0, "every task's slot is free again")
    }
}

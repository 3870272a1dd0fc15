// Tests/Freestanding/check-tasks/Cancellation.swift — cancelled from other workers, at every moment of a scope.

import CheckSupport
import Runtime
import Synchronization
import _Concurrency

/// A continuation that the operation stores and the handler resumes, whichever comes first; both are needed.
final class Meeting: Sendable {
    private let word = Atomic<UInt>(0)

    func wait() async {
        unsafe await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let raw = unsafe unsafeBitCast(continuation, to: UInt.self)
            // The handler was first: it has left a 1.
            if word.exchange(raw, ordering: .acquiringAndReleasing) == 1 { unsafe continuation.resume() }
        }
    }

    /// Called by the cancellation handler, once.
    func resume() {
        let raw = word.exchange(1, ordering: .acquiringAndReleasing)
        if raw > 1 { unsafe unsafeBitCast(raw, to: UnsafeContinuation<Void, Never>.self).resume() }
    }
}

/// How far a scope and its handler have come.
final class Progress: Sendable {
    let hasStarted = Atomic<Bool>(false)
    let handlerRuns = Atomic<Bool>(false)
    let handlerHasEnded = Atomic<Bool>(false)
    let isInside = Atomic<Bool>(false)
    let calls = Atomic<Int>(0)
}

let cancelledTasks = 2000
let handlerCalls = Atomic<Int>(0)

/// Tasks that end only if their handler resumes them, each cancelled by a task that may be on another worker.
func cancelledWhileSuspended() async {
    for number in 0..<cancelledTasks {
        let meeting = Meeting()
        let task = Task { () -> Bool in
            if number % 3 == 0 { await Task.yield() }
            await withTaskCancellationHandler {
                await meeting.wait()
            } onCancel: {
                handlerCalls.add(1, ordering: .relaxed)
                meeting.resume()
            }
            return Task.isCancelled
        }
        TaskHandle.spawnTask(on: Scheduler.worker(number % Scheduler.workerCount)) { task.cancel() }
        let wasCancelled = await task.value
        check(wasCancelled, "a suspended task whose handler resumes it ends, and knows that it was cancelled")
    }
    check(handlerCalls.load(ordering: .relaxed) == cancelledTasks, "each handler was called once")
}

/// While a handler runs on another worker, its task enters and leaves an inner scope; then it leaves the outer one,
/// which waits for the handler.
func scopeEndsDuringHandler() async {
    guard Scheduler.workerCount > 1 else { return }
    for _ in 0..<50 {
        let progress = Progress()
        let task = Task {
            await withTaskCancellationHandler {
                progress.hasStarted.store(true, ordering: .releasing)
                while !progress.handlerRuns.load(ordering: .acquiring) {}
                await withTaskCancellationHandler {
                    progress.isInside.store(true, ordering: .releasing)
                } onCancel: {
                    progress.calls.add(1, ordering: .relaxed)
                }
            } onCancel: {
                progress.handlerRuns.store(true, ordering: .releasing)
                // The handler holds up nothing: the task gets on, and this ends.
                while !progress.isInside.load(ordering: .acquiring) {}
                for _ in 0..<20_000 { _ = progress.hasStarted.load(ordering: .relaxed) }
                progress.handlerHasEnded.store(true, ordering: .releasing)
            }
            check(progress.calls.load(ordering: .relaxed) == 1, "the inner scope knew of the cancellation")
            check(
                progress.handlerHasEnded.load(ordering: .acquiring),
                "a scope that is left has no handler running any more")
        }
        // The task blocks the worker that runs it: another one takes this.
        TaskHandle.spawnTask {
            while !progress.hasStarted.load(ordering: .acquiring) { await Task.yield() }
            task.cancel()
        }
        await task.value
    }
}

/// A handler that cancels its own task, and others, hears of it once, and waits for none of them.
func handlerCancels() async {
    let progress = Progress()
    let task = Task {
        await withTaskCancellationHandler {
            while !Task.isCancelled { await Task.yield() }
        } onCancel: {
            progress.calls.add(1, ordering: .relaxed)
            unsafe withUnsafeCurrentTask { current in unsafe current?.cancel() }
        }
    }
    task.cancel()
    task.cancel()
    await task.value
    check(
        progress.calls.load(ordering: .relaxed) == 1,
        "a task that is cancelled twice, and by its handler, hears of it once")
}

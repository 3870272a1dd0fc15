// Tests/Freestanding/check-threads/TaskHandles.swift — waking and parking: nothing runs unasked, nothing is lost.

import CheckRuntime
import CheckSupport
import Linux
import Runtime
import Synchronization
import _Concurrency

func checkTaskHandles() {
    Child.runToEnd("tasks run when they are woken, and not before") {
        startRuntime(workers: 4)
        for _ in 0..<20 { checkCreation() }
        checkStaleHandles()
        stopRuntime()
    }
    Child.runToEnd("a cancellation ends a park") {
        startRuntime(workers: 2)
        for round in 1...400 { checkCancelledPark(round) }
        stopRuntime()
    }
    Child.runToEnd("no wake-up is lost") {
        startRuntime(workers: 4)
        Ring.run()
        Echo.run()
        Letters.run()
        stopRuntime()
    }
}

private let runs = Atomic<Int>(0)
private let turns = Atomic<Int>(0)

/// Spawns a task that counts its runs. It must have a slot.
private func spawnRunner(on worker: Worker? = nil) -> TaskHandle {
    let handle = TaskHandle.spawn(on: worker) { runs.add(1, ordering: .relaxed) }
    check(handle != nil, "a task gets a slot")
    return handle!
}

/// Waits until a worker has run all that was queued before: its queue is first in, first out.
private func waitForTurn(of worker: Worker) {
    let before = turns.load(ordering: .relaxed)
    TaskHandle.spawnTask(on: worker) { turns.add(1, ordering: .releasing) }
    wait { turns.load(ordering: .acquiring) > before && TaskHandle.count <= 1 }
}

private func checkCreation() {
    for index in 0..<Scheduler.workerCount {
        let worker = Scheduler.worker(index)
        runs.store(0, ordering: .relaxed)
        let handle = spawnRunner(on: worker)
        waitForTurn(of: worker)
        check(runs.load(ordering: .relaxed) == 0, "a task that was not woken does not run")
        check(handle.wake(), "a task can be woken")
        wait { TaskHandle.count == 0 }
        check(runs.load(ordering: .relaxed) == 1, "a task that was woken runs once")
        check(!handle.wake(), "a task that has ended cannot be woken")
    }
}

/// The slots of tasks that ended are used again; the handles that they had do nothing to the new ones.
private func checkStaleHandles() {
    var old: [TaskHandle] = []
    runs.store(0, ordering: .relaxed)
    for turn in 0..<200 {
        let handle = spawnRunner()
        for index in 0..<old.count {
            check(old[index] != handle, "no two tasks have the same handle")
            check(!old[index].wake(), "a stale handle wakes nobody")
        }
        check(runs.load(ordering: .relaxed) == turn, "only its own handle wakes a task")
        check(handle.wake(), "its own handle wakes it")
        wait { TaskHandle.count == 0 }
        old.append(handle)
    }
    for index in 0..<Scheduler.workerCount { waitForTurn(of: Scheduler.worker(index)) }
    check(runs.load(ordering: .relaxed) == 200, "each task ran once")
}

// SHARED: stored by the task that it names, which waits until this thread has used it.
nonisolated(unsafe) private var parked: UnsafeCurrentTask?
private let isNamed = Atomic<Bool>(false)
private let cancellations = Atomic<Int>(0)

/// A cancellation, a wake-up and a park meet.
private func checkCancelledPark(_ round: Int) {
    isNamed.store(false, ordering: .relaxed)
    runs.store(0, ordering: .relaxed)
    let handle = TaskHandle.spawnTask(on: Scheduler.worker(round % 2)) {
        unsafe withUnsafeCurrentTask { task in unsafe parked = unsafe task }
        isNamed.store(true, ordering: .releasing)
        // It may be woken before.
        while !Task.isCancelled { await TaskHandle.park() }
        await TaskHandle.park()
        runs.add(1, ordering: .relaxed)
        // This thread is still about to leave the task.
        while cancellations.load(ordering: .acquiring) < round { await Task.yield() }
    }
    wait { isNamed.load(ordering: .acquiring) }
    if round % 4 == 0 { for _ in 0..<round { RawThread.relax() } }
    if round % 3 == 0 { handle?.wake() }
    // SAFETY: the task does not end before the store.
    unsafe parked?.cancel()
    if round % 3 == 1 { handle?.wake() }
    wait { runs.load(ordering: .relaxed) == 1 }
    cancellations.store(round, ordering: .releasing)
    wait { TaskHandle.count == 0 }
}

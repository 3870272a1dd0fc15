// Sources/Runtime/TaskHandle.swift — tasks by handle: created, woken, parked.

import Bytes
import Linux
import Primitives
import _Concurrency

/// Names a task that ``spawn(on:_:)`` made, for as long as it lives; a handle of a task that has ended is *stale*, and
/// waking it does nothing, even if its slot is in use again.
///
///                    1 wake                      4 wake
///     ┌─────────┐ ──────────▶ ┌───────────┐ ──────────▶ ┌──────────┐
///     │ created │             │ scheduled │             │ notified │
///     └─────────┘ ┌─────────▶ └───────────┘ ◀────────── └──────────┘
///                 │ 3 wake      │ 2 park        5 park
///               ┌────────┐      │
///               │ parked │ ◀────┘        the task ends: its slot is released, all handles are stale
///               └────────┘
///
/// "Scheduled" is: queued or running. A wake that comes while the task runs is not lost: the next ``park()`` returns at
/// once (5). Each arrow is one compare-and-swap of the slot's word, in which the generation is compared too. Only
/// the caller that takes arrow 1 or 3 queues the task. `Tests/models/slot.pml` proves that no wake-up is lost and no
/// task is queued twice.
public struct TaskHandle: Equatable, Sendable {
    private let slot: SlotHandle

    private enum State {
        static var created: UInt32 { 0 }
        static var scheduled: UInt32 { 1 }
        static var notified: UInt32 { 2 }
        static var parked: UInt32 { 3 }
    }

    /// The slots, in an object that is never freed.
    private final class Table {
        let slots: SlotTable

        init() throws(Errno) { slots = try SlotTable(capacity: Config.maxSlots) }
    }

    // SHARED: stored once by `prepare`, before other threads exist.
    private static let shared = SharedReference<Table>()

    /// Makes the table of all tasks that have handles.
    static func prepare() throws(Errno) {
        shared.store(try Table())
    }

    @inline(__always)
    private static var table: Table {
        guard let table = shared.reference else { Panic.misuse(Panic.notPrepared) }
        return table.object
    }

    /// How many tasks with handles are alive.
    package static var count: Int { table.slots.count }

    // MARK: Creating

    /// Creates a task that does not run before it is woken: ``wake()``.
    ///
    /// - Parameter worker: its home; nil: none, any worker may run it.
    /// - Returns: nil if all task slots are in use.
    public static func spawn(
        on worker: Worker? = nil, _ body: sending @escaping @isolated(any) () async -> Void
    ) -> TaskHandle? {
        guard let slot = table.slots.allocate(payload: 0, state: State.notified) else { return nil }
        let task = ImmediateTask.make(home: worker.map { UInt32($0.index) } ?? Job.anyWorker, body).job
        task.handle = slot.rawValue
        table.slots.setPayload(slot, task.bits)
        _ = table.slots.compareExchangeState(slot, from: State.notified, to: State.created)
        return TaskHandle(slot: slot)
    }

    /// Creates a task and wakes it.
    ///
    /// - Returns: nil if all task slots are in use.
    @discardableResult
    public static func spawnTask(
        on worker: Worker? = nil, _ body: sending @escaping @isolated(any) () async -> Void
    ) -> TaskHandle? {
        let handle = spawn(on: worker, body)
        handle?.wake()
        return handle
    }

    // MARK: Waking and parking

    /// Makes the task run: for the first time, or on from its ``park()``; or if it is running now, past its next one.
    /// Any thread.
    ///
    /// - Returns: false if the handle is stale.
    @discardableResult
    public func wake() -> Bool {
        while true {
            guard let state = Self.table.slots.state(slot) else { return false }
            switch state {
            case State.created, State.parked:
                guard let task = Self.table.slots.payload(slot) else { return false }
                guard exchange(state, State.scheduled) else { continue }
                // SAFETY: the task waits for exactly this step, and only this caller has taken it: it is alive.
                let job = unsafe Job(bits: task)
                if state == State.created { Scheduler.enqueue(job) } else { job.resume() }
                return true
            case State.scheduled:
                if exchange(State.scheduled, State.notified) { return true }
            default:
                return true
            }
        }
    }

    /// The handle of the running task, if it has one.
    public static var current: TaskHandle? {
        guard let raw = ThreadBlock.task?.handle else { return nil }
        return raw == 0 ? nil : TaskHandle(slot: SlotHandle(rawValue: raw))
    }

    /// Suspends the running task until its handle is woken or the task is cancelled; returns at once if the handle was
    /// woken since the last time, or if the task is cancelled already.
    ///
    /// A cancellation wakes the handle, like any other thread: the models need not know it.
    ///
    /// Ends the process if the task was not made by ``spawn(on:_:)`` or ``spawnTask(on:_:)``: nothing could wake it.
    public static func park() async {
        guard let handle = current else { Panic.misuse("park() without a TaskHandle") }
        await withTaskCancellationHandler {
            await Job.suspend { task in
                if handle.exchange(State.scheduled, State.parked) { return }
                _ = handle.exchange(State.notified, State.scheduled)
                task.resume()
            }
        } onCancel: {
            handle.wake()
        }
    }

    private func exchange(_ from: UInt32, _ to: UInt32) -> Bool {
        Self.table.slots.compareExchangeState(slot, from: from, to: to) == .ok
    }

    /// A task with a handle has run to its end.
    static func ended(_ raw: UInt64) {
        _ = table.slots.release(SlotHandle(rawValue: raw))
    }
}

/// What CTaskABI calls when a task with a handle has completed.
@c(async_nostd_task_ended)
package func taskEnded(_ handle: UInt64) { TaskHandle.ended(handle) }

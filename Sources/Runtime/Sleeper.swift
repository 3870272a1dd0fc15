// Sources/Runtime/Sleeper.swift — a task that sleeps: its timer, and what a cancellation needs to end it.

internal import CTaskABI
import Linux
import Primitives
import Synchronization
import _Concurrency

/// A sleeping task's entry in its worker's wheel. It lies in the task's own frame.
///
///     ┌───────────┐ the wheel, on the worker   ┌─────────┐
///     │ scheduled │ ─────────────────────────▶ │ expired │ the wheel resumes the task
///     └───────────┘                            └─────────┘
///           │ cancellation, on any thread      ┌──────────────────┐ a message goes to the worker, which takes the
///           └────────────────────────────────▶ │ cancel requested │ timer out of its wheel and resumes the task
///                                              └──────────────────┘
///
/// One compare-and-swap takes either arrow, so the task is resumed once: by its worker, which alone touches the timer.
/// It is relaxed: nothing is published through the state; the message's way, the inbox, has its own orders. The task
/// continues when its worker has done with the record, and frees it when the thread that cancels has done with it too:
/// `task_remove_cancellation_record` waits for that. `Tests/models/sleep.pml` proves it.
///
/// - Invariant: the record stays where it is from ``make()`` to ``end(_:)``, both called by the task that sleeps.
@unsafe struct Sleeper: ~Copyable {
    // The order of the first three is what the offsets below say.
    private var timer = TimerNode()
    private var cancellation = task_cancellation_record()
    private var message = unsafe InboxNode(kind: 0)
    private var continuation: UnsafeContinuation<Void, Never>?
    private let worker: UInt32
    private let state = Atomic<UInt32>(State.scheduled)

    private enum State {
        static var scheduled: UInt32 { 0 }
        static var expired: UInt32 { 1 }
        static var cancelRequested: UInt32 { 2 }
    }

    private static var cancellationOffset: Int { MemoryLayout<TimerNode>.size }
    private static var messageOffset: Int { unsafe cancellationOffset + MemoryLayout<task_cancellation_record>.size }

    private init(on worker: Worker) {
        unsafe self.worker = UInt32(truncatingIfNeeded: worker.index)
        unsafe continuation = nil
    }

    /// A record for the running task, which hears of its cancellation. Nil if the task is cancelled already, or if this
    /// is not a worker.
    @inline(never)
    static func make() -> UnsafeMutablePointer<Sleeper>? {
        guard let worker = Worker.current else { return nil }
        let sleeper = unsafe TaskFrame.allocate(Sleeper.self)
        unsafe sleeper.initialize(to: Sleeper(on: worker))
        if unsafe task_add_cancellation_record(record(of: sleeper), { unsafe Sleeper.cancel($0) }) {
            return unsafe sleeper
        }
        unsafe end(sleeper)
        return nil
    }

    /// Takes the record back: nothing knows it from here on.
    @inline(never)
    static func end(_ sleeper: UnsafeMutablePointer<Sleeper>) {
        unsafe task_remove_cancellation_record(record(of: sleeper))
        unsafe TaskFrame.free(sleeper)
    }

    private static func record(
        of sleeper: UnsafeMutablePointer<Sleeper>
    ) -> UnsafeMutablePointer<task_cancellation_record> {
        // SAFETY: the field at that offset.
        unsafe (UnsafeMutableRawPointer(sleeper) + cancellationOffset)
            .assumingMemoryBound(to: task_cancellation_record.self)
    }

    /// Schedules the task that suspends at `continuation` to go on `milliseconds` from now. On the same worker as
    /// ``make()``.
    ///
    /// Never inlined, so that the frame of a task that sleeps has none of its variables.
    ///
    /// A cancellation may have come before: its message waits in the inbox until the task has suspended.
    @inline(never)
    static func schedule(
        _ sleeper: UnsafeMutablePointer<Sleeper>, _ continuation: UnsafeContinuation<Void, Never>, for milliseconds: Int
    ) {
        let worker = unsafe Scheduler.worker(Int(sleeper.pointee.worker))
        // The clock has cut off up to a millisecond that has passed already.
        let deadline = Clock.monotonicMilliseconds + UInt64(milliseconds) + 1
        worker.serveSleepers = { worker, message in unsafe serve(worker, message) }
        unsafe sleeper.pointee.continuation = continuation
        // SAFETY: the timer is the first field.
        let timer = unsafe UnsafeMutableRawPointer(sleeper).assumingMemoryBound(to: TimerNode.self)
        unsafe worker.sleepers.schedule(timer, at: deadline)
    }

    /// What the worker calls: `message` is nil if time has passed, else what a cancellation has sent.
    private static func serve(_ worker: Worker, _ message: SleeperMessage?) {
        guard let message else {
            return unsafe worker.sleepers.advance(to: worker.now) { timer in unsafe expire(timer) }
        }
        // SAFETY: the field at that offset.
        let sleeper = unsafe (UnsafeMutableRawPointer(message.node) - messageOffset)
            .assumingMemoryBound(to: Sleeper.self)
        // SAFETY: this worker's own timer, in its wheel or in none.
        unsafe worker.sleepers.cancel(UnsafeMutableRawPointer(sleeper).assumingMemoryBound(to: TimerNode.self))
        unsafe sleeper.pointee.continuation?.resume()
    }

    /// The time has come: called by the wheel.
    @inline(__always)
    private static func expire(_ timer: UnsafeMutablePointer<TimerNode>) {
        let sleeper = unsafe UnsafeMutableRawPointer(timer).assumingMemoryBound(to: Sleeper.self)
        // Else the message of a cancellation is on its way.
        if unsafe move(sleeper, to: State.expired) { unsafe sleeper.pointee.continuation?.resume() }
    }

    /// The task is cancelled: called once, on any thread.
    private static func cancel(_ record: UnsafeMutableRawPointer) {
        let sleeper = unsafe (record - cancellationOffset).assumingMemoryBound(to: Sleeper.self)
        guard unsafe move(sleeper, to: State.cancelRequested) else { return }
        let worker = unsafe Scheduler.worker(Int(sleeper.pointee.worker))
        // SAFETY: the task stays suspended, and the message in place, until the worker has taken the message.
        let message = unsafe (UnsafeMutableRawPointer(sleeper) + messageOffset).assumingMemoryBound(to: InboxNode.self)
        unsafe Scheduler.push(message, InboxEntry.Kind.sleeper, to: worker)
    }

    /// Takes an arrow from "scheduled"; false if the other one was taken.
    private static func move(_ sleeper: UnsafeMutablePointer<Sleeper>, to state: UInt32) -> Bool {
        unsafe sleeper.pointee.state.compareExchange(expected: State.scheduled, desired: state, ordering: .relaxed)
            .exchanged
    }
}

/// What a cancellation sends to the worker of a task that sleeps.
///
/// - Invariant: the node is that of a ``Sleeper``, which stays in place until its worker has served the message.
@safe struct SleeperMessage {
    fileprivate let node: UnsafeMutablePointer<InboxNode>

    /// - Safety: see the invariant.
    @unsafe init(_ node: UnsafeMutablePointer<InboxNode>) { unsafe self.node = node }
}

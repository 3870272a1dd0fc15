// Sources/Runtime/Sleeper.swift — a task that sleeps: its timer, and what a cancellation needs to end it.

internal import CTaskABI
import Linux
import Primitives
import Synchronization
import _Concurrency

/// A task that sleeps: one word, the address of its record in the task's frame, which is in its worker's wheel.
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
/// - Invariant: the record stays where it is from ``make()`` to ``end()``, both called by the task that sleeps. Else a
///   sleeper comes from the wheel, the inbox or a cancellation, and is not used when the task continues.
@safe struct Sleeper {
    private struct Record: ~Copyable {
        // The order of the first three is what the offsets below say.
        var timer = TimerNode()
        var cancellation = task_cancellation_record()
        var message = InboxNode(kind: 0)
        var task: Job?
        let worker: UInt32
        let state = Atomic<UInt32>(State.scheduled)

        init(on worker: Worker) { self.worker = UInt32(truncatingIfNeeded: worker.index) }
    }

    private enum State {
        static var scheduled: UInt32 { 0 }
        static var expired: UInt32 { 1 }
        static var cancelRequested: UInt32 { 2 }
    }

    private static var cancellationOffset: Int { MemoryLayout<TimerNode>.size }
    private static var messageOffset: Int { cancellationOffset + MemoryLayout<task_cancellation_record>.size }

    private let frame: FrameValue<Record>

    /// The sleeper whose record is `frame`.
    private init(_ frame: FrameValue<Record>) { self.frame = frame }

    /// The sleeper that a cancellation has sent to its worker.
    ///
    /// - Safety: `message` comes from the inbox, with the kind `InboxEntry.Kind.sleeper`.
    @inline(__always)
    @unsafe init(received message: UnsafeMutablePointer<InboxNode>) {
        unsafe frame = FrameValue(with: message, at: Self.messageOffset)
    }

    /// A sleeper for the running task, which hears of its cancellation. Nil if the task is cancelled already, or if
    /// this is not a worker.
    ///
    /// - Safety: the async function that calls this calls ``end()`` before it returns.
    @inline(never)
    @unsafe static func make() -> Sleeper? {
        guard let worker = Worker.current else { return nil }
        let sleeper = unsafe Sleeper(FrameValue(Record(on: worker)))
        if sleeper.hearsOfCancellation() { return sleeper }
        sleeper.end()
        return nil
    }

    /// Has ``cancel()`` called when the running task is cancelled; false if it is already.
    private func hearsOfCancellation() -> Bool {
        unsafe task_add_cancellation_record(frame.field(at: Self.cancellationOffset)) { record in
            unsafe Sleeper(FrameValue(with: record, at: Self.cancellationOffset)).cancel()
        }
    }

    /// Takes the record back: nothing knows it from here on.
    @inline(never)
    func end() {
        unsafe task_remove_cancellation_record(frame.field(at: Self.cancellationOffset))
        frame.free()
    }

    /// Schedules `task`, which suspends, to go on `milliseconds` from now. On the same worker as ``make()``.
    ///
    /// Never inlined, so that the frame of a task that sleeps has none of its variables.
    ///
    /// A cancellation may have come before: its message waits in the inbox until the task has suspended.
    @inline(never)
    func schedule(_ task: Job, for milliseconds: Int) {
        let worker = Scheduler.worker(Int(frame.value.worker))
        // The clock has cut off up to a millisecond that has passed already.
        let deadline = Clock.monotonicMilliseconds + UInt64(milliseconds) + 1
        worker.serveSleepers = { worker, cancelled in Sleeper.serve(worker, cancelled) }
        frame.value.task = task
        // SAFETY: the timer is in no wheel yet, and the record stays where it is.
        unsafe worker.sleepers.schedule(frame.field(at: 0), at: deadline)
    }

    /// What the worker calls: `cancelled` is nil if time has passed, else what a cancellation has sent.
    private static func serve(_ worker: Worker, _ cancelled: Sleeper?) {
        guard let cancelled else {
            // SAFETY: this wheel holds sleepers' timers only.
            return unsafe worker.sleepers.advance(to: worker.now) { timer in
                unsafe Sleeper(FrameValue(with: timer, at: 0)).expire()
            }
        }
        // SAFETY: this worker's own timer, in its wheel or in none.
        unsafe worker.sleepers.cancel(cancelled.frame.field(at: 0))
        cancelled.frame.value.task?.resume()
    }

    /// The time has come: called by the wheel.
    @inline(__always)
    private func expire() {
        // Else the message of a cancellation is on its way.
        if move(to: State.expired) { frame.value.task?.resume() }
    }

    /// The task is cancelled: called once, on any thread.
    private func cancel() {
        guard move(to: State.cancelRequested) else { return }
        let worker = Scheduler.worker(Int(frame.value.worker))
        // SAFETY: the task stays suspended, and the message in place, until the worker has taken the message.
        unsafe Scheduler.push(frame.field(at: Self.messageOffset), InboxEntry.Kind.sleeper, to: worker)
    }

    /// Takes an arrow from "scheduled"; false if the other one was taken.
    private func move(to state: UInt32) -> Bool {
        frame.value.state.compareExchange(expected: State.scheduled, desired: state, ordering: .relaxed).exchanged
    }
}

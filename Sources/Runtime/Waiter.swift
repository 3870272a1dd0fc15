// Sources/Runtime/Waiter.swift — a task that waits in a queue until another one serves it.

internal import CTaskABI
import _Concurrency

/// A task that waits for a channel or a semaphore: one word, the address of its record in the task's frame.
///
///     ┌─────┐ 1 join  ┌────────┐ 2 serve   ┌────────┐
///     │ new │ ──────▶ │ queued │ ────────▶ │ served │    2, 3: the task is resumed, by the thread that took the arrow
///     └─────┘         └────────┘           └────────┘
///        │ 4 serve        │ 3 refuse          ▲ 4: there is what the task wants: it does not suspend
///        │ 3 refuse       ▼                   │
///        │           ┌─────────────────────┐  │
///        ├─────────▶ │ cancelled, finished │  │        3 refuse: the task was cancelled, or nothing more
///        │           └─────────────────────┘  │          will come
///        └────────────────────────────────────┘
///
/// Every arrow is taken under the queue's lock, and each waiter leaves its queue by exactly one: so a task is resumed
/// once, however serving, finishing and cancellation meet. The lock is not held while the task is resumed.
///
/// - Invariant: the record stays where it is until ``WaitingPlace/wait(unless:)`` has returned. A waiter comes from a
///   queue, under its lock, or from a cancellation, which `wait` waits for; both are before that.
@safe struct Waiter {
    /// What is stored of a waiter, at the start of its place.
    fileprivate struct Record {
        /// First, as the handler gets its address.
        var cancellation = task_cancellation_record()
        var next: Waiter?
        var previous: Waiter?
        let queue: WaitQueue
        var task: Job?
        var state = State.new
    }

    enum State {
        case new
        case queued
        case served
        case finished
        case cancelled
    }

    fileprivate let frame: FrameValue<Record>

    fileprivate init(_ frame: FrameValue<Record>) { self.frame = frame }

    /// What the task brings or gets.
    ///
    /// - Safety: the waiter comes from a queue in which tasks wait with a ``WaitingPlace`` for such items only.
    @inline(__always)
    @unsafe func place<Item: ~Copyable>(of type: Item.Type) -> FrameValue<WaitingPlace<Item>.Record> {
        unsafe FrameValue(with: frame.field(at: 0) as UnsafeMutablePointer<Record>, at: 0)
    }

    /// Joins the queue, if `answer` says nothing else and the task has not been cancelled since.
    fileprivate func join(_ task: Job, unless answer: () -> State?) {
        let queue = frame.value.queue
        queue.lock()
        if frame.value.state == .new {
            if let state = answer() {
                frame.value.state = state
            } else {
                frame.value.state = .queued
                frame.value.task = task
                queue.append(self)
                return queue.unlock()
            }
        }
        queue.unlock()
        task.resume()
    }

    /// Moves a waiter that was just taken out of its queue, under the lock, to its last state.
    ///
    /// - Returns: the task, to be resumed when the lock has been given back.
    func leave(_ state: State) -> Job {
        precondition(frame.value.state == .queued, "a waiter leaves its queue once")
        guard let task = frame.value.task else { fatalError("a task that waits has suspended") }
        frame.value.state = state
        return task
    }

    /// The task is cancelled: called once, on any thread.
    fileprivate func cancel() {
        let queue = frame.value.queue
        var task: Job?
        queue.lock()
        switch frame.value.state {
        case .new: frame.value.state = .cancelled
        case .queued:
            queue.remove(self)
            task = leave(.cancelled)
        case .served, .finished, .cancelled: break
        }
        queue.unlock()
        task?.resume()
    }
}

/// Room in the running task's frames for a ``Waiter``, and for an item that the task brings or gets.
///
/// - Invariant: it is a variable of the async function that waits, so that the frame is freed before the function's
///   own; and in a queue only while ``wait(unless:)`` is suspended.
@safe struct WaitingPlace<Item: ~Copyable>: ~Copyable {
    struct Record: ~Copyable {
        /// First, so that its address is the record's.
        fileprivate var waiter: Waiter.Record
        var item: Item?
    }

    private let frame: FrameValue<Record>

    /// A place of the running task, which waits in no queue yet.
    @inline(__always)
    init(in queue: WaitQueue, _ item: consuming Item?) {
        unsafe frame = FrameValue(Record(waiter: Waiter.Record(queue: queue), item: item))
    }

    deinit { frame.free() }

    /// Takes the item out, while the task does not wait.
    func takeItem() -> Item? { frame.value.item.take() }

    /// Suspends the running task until its waiter is served or refused.
    ///
    /// - Parameter answer: called with the item under the lock, before the task joins the queue: the state if it need
    ///   not wait.
    @inline(__always)
    func wait(unless answer: (inout Item?) -> Waiter.State?) async -> Waiter.State {
        // SAFETY: the record is the first field.
        let waiter = unsafe Waiter(FrameValue(with: frame.field(at: 0) as UnsafeMutablePointer<Waiter.Record>, at: 0))
        return await waiter.wait { [frame] in answer(&frame.value.item) }
    }
}

extension Waiter {
    fileprivate func wait(unless answer: () -> State?) async -> State {
        // SAFETY: the record is the first field, and is taken back before the waiter's place is.
        let record: UnsafeMutablePointer<task_cancellation_record> = unsafe frame.field(at: 0)
        if unsafe task_add_cancellation_record(record, { unsafe Waiter(FrameValue(with: $0, at: 0)).cancel() }) {
            await Job.suspend { task in join(task, unless: answer) }
        } else {
            frame.value.state = .cancelled
        }
        unsafe task_remove_cancellation_record(record)
        return frame.value.state
    }
}

/// The tasks that wait for the same thing, oldest first, and the lock that protects them, their states, and what they
/// wait for. All but ``lock()`` and ``unlock()`` are called under the lock.
final class WaitQueue {
    private let word = MutexWord()
    private var first: Waiter?
    private var last: Waiter?

    @inline(__always)
    func lock() { word.lock() }

    @inline(__always)
    func unlock() { word.unlock() }

    /// Takes the oldest waiter out.
    func popFirst() -> Waiter? {
        guard let waiter = first else { return nil }
        remove(waiter)
        return waiter
    }

    fileprivate func append(_ waiter: Waiter) {
        waiter.frame.value.previous = last
        waiter.frame.value.next = nil
        if let last { last.frame.value.next = waiter } else { first = waiter }
        last = waiter
    }

    fileprivate func remove(_ waiter: Waiter) {
        let (next, previous) = (waiter.frame.value.next, waiter.frame.value.previous)
        if let next { next.frame.value.previous = previous } else { last = previous }
        if let previous { previous.frame.value.next = next } else { first = next }
    }
}

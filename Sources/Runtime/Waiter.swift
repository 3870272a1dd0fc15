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
///        ├─────────▶ │ cancelled, finished │  │           3 refuse: the task was cancelled, or there is nothing more to
///        │           └─────────────────────┘  │             come
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

    private let address: UnsafeMutableRawPointer

    /// - Safety: see the invariant; a ``Record`` is at `address`.
    @unsafe fileprivate init(_ address: UnsafeMutableRawPointer) { unsafe self.address = address }

    fileprivate var record: Record {
        // SAFETY: the invariant.
        @inline(__always) unsafeAddress { unsafe UnsafePointer(address.assumingMemoryBound(to: Record.self)) }
        @inline(__always) nonmutating unsafeMutableAddress { unsafe address.assumingMemoryBound(to: Record.self) }
    }

    /// What the task brings or gets.
    ///
    /// - Safety: the waiter comes from a queue in which tasks wait with a ``WaitingPlace`` for such items only.
    @inline(__always)
    @unsafe func item<Item: ~Copyable>(of type: Item.Type) -> UnsafeMutablePointer<Item?> {
        unsafe WaitingPlace<Item>.item(address)
    }

    /// Joins the queue, if `answer` says nothing else and the task has not been cancelled since.
    fileprivate func join(_ task: Job, unless answer: () -> State?) {
        let queue = record.queue
        queue.lock()
        if record.state == .new {
            if let state = answer() {
                record.state = state
            } else {
                record.state = .queued
                record.task = task
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
        guard record.state == .queued, let task = record.task else { fatalError("a waiter leaves its queue once") }
        record.state = state
        return task
    }

    /// The task is cancelled: called once, on any thread.
    fileprivate func cancel() {
        let queue = record.queue
        var task: Job?
        queue.lock()
        switch record.state {
        case .new: record.state = .cancelled
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
/// - Invariant: the record is at `address` from `init` to `deinit`, and in a queue only while ``wait(unless:)`` is
///   suspended. The place is a variable of the async function that waits, so that it is freed before the function's own
///   frame.
@safe struct WaitingPlace<Item: ~Copyable>: ~Copyable {
    private struct Record: ~Copyable {
        /// First, so that its address is the record's.
        var waiter: Waiter.Record
        var item: Item?
    }

    private let address: UnsafeMutablePointer<Record>

    /// A place of the running task, which waits in no queue yet.
    @inline(__always)
    init(in queue: WaitQueue, _ item: consuming Item?) {
        unsafe address = TaskFrame.allocate(Record.self)
        unsafe address.initialize(to: Record(waiter: Waiter.Record(queue: queue), item: item))
    }

    deinit {
        unsafe address.deinitialize(count: 1)
        unsafe TaskFrame.free(address)
    }

    /// Takes the item out, while the task does not wait.
    func takeItem() -> Item? {
        // SAFETY: the invariant.
        unsafe Self.item(address).pointee.take()
    }

    /// The item of the place at `address`.
    @inline(__always)
    @unsafe fileprivate static func item(_ address: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Item?> {
        unsafe withUnsafeMutablePointer(to: &address.assumingMemoryBound(to: Record.self).pointee.item) { unsafe $0 }
    }

    /// Suspends the running task until its waiter is served or refused.
    ///
    /// - Parameter answer: called with the item under the lock, before the task joins the queue: the state if it need not
    ///   wait.
    @inline(__always)
    func wait(unless answer: (inout Item?) -> Waiter.State?) async -> Waiter.State {
        // SAFETY: the invariant.
        let waiter = unsafe Waiter(address)
        return await waiter.wait { unsafe answer(&waiter.item(of: Item.self).pointee) }
    }
}

extension Waiter {
    fileprivate func wait(unless answer: () -> State?) async -> State {
        // SAFETY: the record is the first field, and is taken back before the waiter's place is.
        let cancellation = unsafe address.assumingMemoryBound(to: task_cancellation_record.self)
        if unsafe task_add_cancellation_record(cancellation, { unsafe Waiter($0).cancel() }) {
            await Job.suspend { task in join(task, unless: answer) }
        } else {
            record.state = .cancelled
        }
        unsafe task_remove_cancellation_record(cancellation)
        return record.state
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
        waiter.record.previous = last
        waiter.record.next = nil
        if let last { last.record.next = waiter } else { first = waiter }
        last = waiter
    }

    fileprivate func remove(_ waiter: Waiter) {
        let (next, previous) = (waiter.record.next, waiter.record.previous)
        if let next { next.record.previous = previous } else { last = previous }
        if let previous { previous.record.next = next } else { first = next }
    }
}

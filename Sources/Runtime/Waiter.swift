// Sources/Runtime/Waiter.swift — a task that waits in a queue until another one serves it.

internal import CTaskABI
import _Concurrency

/// A task that waits for a channel or a semaphore. It lies in the task's own frame.
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
/// Invariant: the record stays where it is during ``wait(_:in:unless:)``, and so does the queue. The cancellation's
/// thread has left it when that returns.
@unsafe struct Waiter {
    /// First, as the handler gets its address.
    private var cancellation = task_cancellation_record()
    fileprivate var next: UnsafeMutablePointer<Waiter>?
    fileprivate var previous: UnsafeMutablePointer<Waiter>?
    fileprivate var queue: UnsafeMutablePointer<WaitQueue>
    private var continuation: UnsafeContinuation<Void, Never>?
    private(set) var state = State.new

    enum State {
        case new
        case queued
        case served
        case finished
        case cancelled
    }

    /// A task that is going to wait in `queue`.
    init(for queue: UnsafeMutablePointer<WaitQueue>) {
        unsafe self.queue = unsafe queue
        unsafe next = nil
        unsafe previous = nil
        unsafe continuation = nil
    }

    /// Suspends the running task until its waiter is served or refused.
    ///
    /// - Parameter answer: called under the lock, before the task joins the queue: the state if it need not wait.
    static func wait(
        _ waiter: UnsafeMutablePointer<Waiter>, unless answer: () -> State?
    ) async -> State {
        // SAFETY: the record is the first field.
        let record = unsafe UnsafeMutableRawPointer(waiter).assumingMemoryBound(to: task_cancellation_record.self)
        if unsafe task_add_cancellation_record(record, { unsafe Waiter.cancel($0) }) {
            unsafe await withUnsafeContinuation { continuation in
                unsafe join(waiter, continuation, unless: answer)
            }
        } else {
            unsafe waiter.pointee.state = .cancelled
        }
        unsafe task_remove_cancellation_record(record)
        return unsafe waiter.pointee.state
    }

    private static func join(
        _ waiter: UnsafeMutablePointer<Waiter>, _ continuation: UnsafeContinuation<Void, Never>,
        unless answer: () -> State?
    ) {
        let queue = unsafe waiter.pointee.queue
        unsafe WaitQueue.lock(queue)
        // Else it has been cancelled since.
        if unsafe waiter.pointee.state == .new {
            if let state = answer() {
                unsafe waiter.pointee.state = state
            } else {
                unsafe waiter.pointee.state = .queued
                unsafe waiter.pointee.continuation = continuation
                unsafe queue.pointee.append(waiter)
                return unsafe WaitQueue.unlock(queue)
            }
        }
        unsafe WaitQueue.unlock(queue)
        unsafe continuation.resume()
    }

    /// Moves a waiter that was just taken out of its queue, under the lock, to its last state.
    ///
    /// - Returns: what to resume when the lock has been given back.
    static func leave(
        _ waiter: UnsafeMutablePointer<Waiter>, _ state: State
    ) -> UnsafeContinuation<Void, Never> {
        unsafe precondition(waiter.pointee.state == .queued, "a waiter leaves its queue once")
        unsafe waiter.pointee.state = state
        return unsafe waiter.pointee.continuation.unsafelyUnwrapped
    }

    /// The task is cancelled: called once, on any thread.
    private static func cancel(_ record: UnsafeMutableRawPointer) {
        let waiter = unsafe record.assumingMemoryBound(to: Waiter.self)
        let queue = unsafe waiter.pointee.queue
        var continuation: UnsafeContinuation<Void, Never>?
        unsafe WaitQueue.lock(queue)
        switch unsafe waiter.pointee.state {
        case .new: unsafe waiter.pointee.state = .cancelled
        case .queued:
            unsafe queue.pointee.remove(waiter)
            unsafe continuation = unsafe leave(waiter, .cancelled)
        case .served, .finished, .cancelled: break
        }
        unsafe WaitQueue.unlock(queue)
        unsafe continuation?.resume()
    }
}

/// The tasks that wait for the same thing, oldest first, and the lock that protects them, their states, and what they
/// wait for. All but ``lock(_:)`` and ``unlock(_:)`` are called under the lock.
@unsafe struct WaitQueue: ~Copyable {
    private let word = unsafe MutexWord()
    private var first: UnsafeMutablePointer<Waiter>?
    private var last: UnsafeMutablePointer<Waiter>?

    private init() {
        unsafe first = nil
        unsafe last = nil
    }

    /// An empty queue in a block of its own; ``free(_:)`` gives it back.
    static func make() -> UnsafeMutablePointer<WaitQueue> {
        let queue = UnsafeMutablePointer<WaitQueue>.allocate(capacity: 1)
        unsafe queue.initialize(to: WaitQueue())
        return unsafe queue
    }

    /// Frees a queue in which no task waits: each one that does holds on to the object that has the queue.
    static func free(_ queue: UnsafeMutablePointer<WaitQueue>) {
        unsafe queue.deinitialize(count: 1)
        unsafe queue.deallocate()
    }

    @inline(__always)
    static func lock(_ queue: UnsafeMutablePointer<WaitQueue>) {
        // SAFETY: the word is the first field.
        unsafe MutexWord.lock(UnsafeMutableRawPointer(queue).assumingMemoryBound(to: MutexWord.self))
    }

    @inline(__always)
    static func unlock(_ queue: UnsafeMutablePointer<WaitQueue>) {
        unsafe MutexWord.unlock(UnsafeMutableRawPointer(queue).assumingMemoryBound(to: MutexWord.self))
    }

    var isEmpty: Bool { unsafe first == nil }

    /// Takes the oldest waiter out.
    mutating func popFirst() -> UnsafeMutablePointer<Waiter>? {
        guard let waiter = unsafe first else { return nil }
        unsafe remove(waiter)
        return unsafe waiter
    }

    fileprivate mutating func append(_ waiter: UnsafeMutablePointer<Waiter>) {
        unsafe waiter.pointee.previous = last
        unsafe waiter.pointee.next = nil
        if let last = unsafe last { unsafe last.pointee.next = waiter } else { unsafe first = waiter }
        unsafe last = waiter
    }

    fileprivate mutating func remove(_ waiter: UnsafeMutablePointer<Waiter>) {
        let (next, previous) = unsafe (waiter.pointee.next, waiter.pointee.previous)
        if let next = unsafe next { unsafe next.pointee.previous = previous } else { unsafe last = previous }
        if let previous = unsafe previous { unsafe previous.pointee.next = next } else { unsafe first = next }
    }
}

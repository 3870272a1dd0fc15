// Sources/Runtime/AsyncChannel.swift — elements from many tasks to many tasks, in order, with a bound.

import _Concurrency

/// A bounded queue between tasks on any workers: any number may send and receive. Each element goes to one receiver.
///
/// Elements are received in the order in which they were sent (FIFO), and tasks that wait are served in the order in
/// which they came. A send waits while `capacity` elements are in the channel, a receive while there is none; with
/// capacity 0 each send waits for its receive. What a task does without waiting it also does when it is cancelled: no
/// element is lost by a cancellation.
///
/// Cost: three allocations when it is made; a lock of some dozen instructions for each call; a wait takes the task's
/// frames, about 100 bytes and the element, and no allocation.
///
/// Invariant: everything that changes is touched under the queue's lock only. While tasks wait to send, the channel is
/// full; while tasks wait to receive, it is empty: so they never wait at the same time, and share one queue.
@safe public final class AsyncChannel<Element: ~Copyable & Sendable>: @unchecked Sendable {
    // SHARED: any thread; the queue's lock protects it and what follows.
    private let queue: UnsafeMutablePointer<WaitQueue>
    /// A ring of `capacity` places.
    private let places: UnsafeMutablePointer<Element>
    private var first = 0
    private var count = 0
    private var isFinished = false
    /// What the tasks in the queue wait for.
    private var waitersSend = false
    /// Most elements that wait in the channel.
    public let capacity: Int

    /// A task that waits, and the element that it brings, or gets.
    @unsafe private struct Party: ~Copyable {
        /// First, so that its address is the party's.
        var waiter: Waiter
        var element: Element?
    }

    /// An empty channel for `capacity` elements, at least 0.
    public init(capacity: Int) {
        precondition(capacity >= 0, "a capacity is not negative")
        self.capacity = capacity
        unsafe queue = WaitQueue.make()
        unsafe places = .allocate(capacity: capacity)
    }

    deinit {
        while count > 0 { _ = removeFirst() }
        unsafe places.deallocate()
        unsafe WaitQueue.free(queue)
    }

    // MARK: Sending

    /// Sends `element`, and suspends while the channel is full.
    ///
    /// - Throws: ``AsyncChannelError``; then `element` was not sent, and is gone.
    public func send(_ element: consuming sending Element) async throws(AsyncChannelError) {
        var offered: Element? = element
        var state = tryOffer(&offered)
        if state == nil {
            let party = unsafe TaskFrame.allocate(Party.self)
            unsafe party.initialize(to: Party(waiter: Waiter(for: queue), element: offered.take()))
            var resumed: UnsafeContinuation<Void, Never>?
            state = unsafe await Waiter.wait(waiter(of: party)) {
                let state = unsafe offer(&party.pointee.element, &resumed)
                if state == nil { waitersSend = true }
                return state
            }
            unsafe resumed?.resume()
            unsafe party.deinitialize(count: 1)
            unsafe TaskFrame.free(party)
        }
        if state == .cancelled { throw .cancelled }
        if state == .finished { throw .finished }
    }

    /// Sends `element` if it need not wait for that.
    ///
    /// - Returns: nil if it was sent; else `element`: the channel is full or finished.
    public func trySend(_ element: consuming sending Element) -> Element? {
        var offered: Element? = element
        _ = tryOffer(&offered)
        return offered
    }

    private func tryOffer(_ element: inout Element?) -> Waiter.State? {
        var resumed: UnsafeContinuation<Void, Never>?
        unsafe WaitQueue.lock(queue)
        let state = unsafe offer(&element, &resumed)
        unsafe WaitQueue.unlock(queue)
        unsafe resumed?.resume()
        return state
    }

    /// Under the lock: takes `element` for a task that waits to receive, or puts it into the channel.
    ///
    /// - Returns: nil if the channel is full. `resumed` is what to resume without the lock.
    private func offer(
        _ element: inout Element?, _ resumed: inout UnsafeContinuation<Void, Never>?
    ) -> Waiter.State? {
        if isFinished { return .finished }
        if !waitersSend, let receiver = unsafe queue.pointee.popFirst() {
            unsafe party(of: receiver).pointee.element = element.take()
            unsafe resumed = unsafe Waiter.leave(receiver, .served)
            return .served
        }
        guard count < capacity, let element = element.take() else { return nil }
        append(element)
        return .served
    }

    // MARK: Receiving

    /// Receives the oldest element, and suspends while there is none.
    ///
    /// - Returns: nil if the channel is finished and empty, or if the task is cancelled while it waits, or would have had
    ///   to wait: `Task.isCancelled` tells.
    public func receive() async -> sending Element? {
        var received: Element?
        if tryTake(&received) == nil {
            let party = unsafe TaskFrame.allocate(Party.self)
            unsafe party.initialize(to: Party(waiter: Waiter(for: queue), element: nil))
            var resumed: UnsafeContinuation<Void, Never>?
            _ = unsafe await Waiter.wait(waiter(of: party)) {
                let state = unsafe take(&party.pointee.element, &resumed)
                if state == nil { waitersSend = false }
                return state
            }
            unsafe resumed?.resume()
            received = unsafe party.pointee.element.take()
            unsafe party.deinitialize(count: 1)
            unsafe TaskFrame.free(party)
        }
        return received
    }

    /// Receives the oldest element if there is one.
    public func tryReceive() -> sending Element? {
        var received: Element?
        _ = tryTake(&received)
        return received
    }

    private func tryTake(_ element: inout Element?) -> Waiter.State? {
        var resumed: UnsafeContinuation<Void, Never>?
        unsafe WaitQueue.lock(queue)
        let state = unsafe take(&element, &resumed)
        unsafe WaitQueue.unlock(queue)
        unsafe resumed?.resume()
        return state
    }

    /// Under the lock: takes the oldest element; the place that becomes free goes to the task that waits longest to send.
    ///
    /// - Returns: nil if there is no element yet. `resumed` is what to resume without the lock.
    private func take(
        _ element: inout Element?, _ resumed: inout UnsafeContinuation<Void, Never>?
    ) -> Waiter.State? {
        if count > 0 { element = removeFirst() }
        if waitersSend, let sender = unsafe queue.pointee.popFirst() {
            var sent = unsafe party(of: sender).pointee.element.take()
            if capacity == 0 { element = sent.take() } else if let sent = sent.take() { append(sent) }
            unsafe resumed = unsafe Waiter.leave(sender, .served)
        }
        if element != nil { return .served }
        return isFinished ? .finished : nil
    }

    // MARK: The end

    /// Lets no more element in: tasks that wait to send, and later ones, get ``AsyncChannelError/finished``. Elements that
    /// are in the channel are received; then ``receive()`` returns nil, also to the tasks that wait now. Any thread.
    public func finish() {
        while true {
            unsafe WaitQueue.lock(queue)
            isFinished = true
            let waiter = unsafe queue.pointee.popFirst()
            let continuation = unsafe waiter.map { unsafe Waiter.leave($0, .finished) }
            unsafe WaitQueue.unlock(queue)
            guard let continuation = unsafe continuation else { return }
            unsafe continuation.resume()
        }
    }

    // MARK: The ring

    private func append(_ element: consuming Element) {
        // SAFETY: the place is one of the free ones: `count < capacity`.
        unsafe (places + (first + count) % capacity).initialize(to: element)
        count += 1
    }

    private func removeFirst() -> Element {
        // SAFETY: the place is in use: `count > 0`.
        let element = unsafe (places + first).move()
        first = (first + 1) % capacity
        count -= 1
        return element
    }

    // MARK: Waiters

    private func waiter(of party: UnsafeMutablePointer<Party>) -> UnsafeMutablePointer<Waiter> {
        // SAFETY: the waiter is the first field.
        unsafe UnsafeMutableRawPointer(party).assumingMemoryBound(to: Waiter.self)
    }

    private func party(of waiter: UnsafeMutablePointer<Waiter>) -> UnsafeMutablePointer<Party> {
        // SAFETY: the waiters of this channel's queue are the first fields of parties.
        unsafe UnsafeMutableRawPointer(waiter).assumingMemoryBound(to: Party.self)
    }
}

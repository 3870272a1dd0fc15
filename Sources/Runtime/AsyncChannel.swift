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
/// - Invariant: everything that changes is touched under the queue's lock only. While tasks wait to send, the channel
///   is full; while tasks wait to receive, it is empty: so they never wait at the same time, and share one queue.
@safe public final class AsyncChannel<Element: ~Copyable & Sendable>: @unchecked Sendable {
    // SHARED: any thread; the queue's lock protects it and what follows.
    private let queue = WaitQueue()
    /// A ring of `capacity` places.
    private let places: UnsafeMutablePointer<Element>
    private var first = 0
    private var count = 0
    private var isFinished = false
    /// What the tasks in the queue wait for.
    private var waitersSend = false
    /// Most elements that wait in the channel.
    public let capacity: Int

    /// An empty channel for `capacity` elements, at least 0.
    public init(capacity: Int) {
        precondition(capacity >= 0, "a capacity is not negative")
        self.capacity = capacity
        unsafe places = .allocate(capacity: capacity)
    }

    deinit {
        while count > 0 { _ = removeFirst() }
        unsafe places.deallocate()
    }

    // MARK: Sending

    /// Sends `element`, and suspends while the channel is full.
    ///
    /// - Throws: ``AsyncChannelError``; then `element` was not sent, and is gone.
    public func send(_ element: consuming sending Element) async throws(AsyncChannelError) {
        var offered: Element? = element
        var state = tryOffer(&offered)
        if state == nil {
            let place = WaitingPlace(in: queue, offered.take())
            var receiver: Job?
            state = await place.wait { item in
                let state = offer(&item, &receiver)
                if state == nil { waitersSend = true }
                return state
            }
            receiver?.resume()
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
        var receiver: Job?
        queue.lock()
        let state = offer(&element, &receiver)
        queue.unlock()
        receiver?.resume()
        return state
    }

    /// Under the lock: takes `element` for a task that waits to receive, or puts it into the channel.
    ///
    /// - Returns: nil if the channel is full. `served` is a task to be resumed without the lock.
    private func offer(_ element: inout Element?, _ served: inout Job?) -> Waiter.State? {
        if isFinished { return .finished }
        if !waitersSend, let receiver = queue.popFirst() {
            // SAFETY: all tasks in this queue wait with elements.
            unsafe receiver.place(of: Element.self).value.item = element.take()
            served = receiver.leave(.served)
            return .served
        }
        guard count < capacity, let element = element.take() else { return nil }
        append(element)
        return .served
    }

    // MARK: Receiving

    /// Receives the oldest element, and suspends while there is none.
    ///
    /// - Returns: nil if the channel is finished and empty, or if the task is cancelled while it waits, or would have
    ///   had to wait: `Task.isCancelled` tells.
    public func receive() async -> sending Element? {
        var received: Element?
        if tryTake(&received) == nil {
            let place = WaitingPlace<Element>(in: queue, nil)
            var sender: Job?
            _ = await place.wait { item in
                let state = take(&item, &sender)
                if state == nil { waitersSend = false }
                return state
            }
            sender?.resume()
            received = place.takeItem()
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
        var sender: Job?
        queue.lock()
        let state = take(&element, &sender)
        queue.unlock()
        sender?.resume()
        return state
    }

    /// Under the lock: takes the oldest element; the place that becomes free goes to the task that waits longest to
    /// send.
    ///
    /// - Returns: nil if there is no element yet. `served` is a task to be resumed without the lock.
    private func take(_ element: inout Element?, _ served: inout Job?) -> Waiter.State? {
        if count > 0 { element = removeFirst() }
        if waitersSend, let sender = queue.popFirst() {
            // SAFETY: all tasks in this queue wait with elements.
            var sent = unsafe sender.place(of: Element.self).value.item.take()
            if capacity == 0 { element = sent.take() } else if let sent = sent.take() { append(sent) }
            served = sender.leave(.served)
        }
        if element != nil { return .served }
        return isFinished ? .finished : nil
    }

    // MARK: The end

    /// Lets no more element in: tasks that wait to send, and later ones, get ``AsyncChannelError/finished``. Elements
    /// that are in the channel are received; then ``receive()`` returns nil, also to the tasks that wait now. Any
    /// thread.
    public func finish() {
        while true {
            queue.lock()
            isFinished = true
            let task = queue.popFirst()?.leave(.finished)
            queue.unlock()
            guard let task else { return }
            task.resume()
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
}

extension AsyncChannel: AsyncSequence where Element: Copyable {
    /// Receives from a channel; copies share its elements.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let channel: AsyncChannel

        /// Receives the oldest element: ``AsyncChannel/receive()``.
        public func next() async -> Element? { await channel.receive() }

        /// The same, for `for await`.
        public func next(isolation actor: isolated (any Actor)?) async -> Element? { await channel.receive() }
    }

    /// For `for await`: a loop receives until the channel is finished and empty, or the task is cancelled.
    public func makeAsyncIterator() -> Iterator { Iterator(channel: self) }
}

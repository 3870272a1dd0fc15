// Sources/Server/SendQueue.swift — messages on their way from any thread to a WebSocket's worker.

import Bytes
import HTTP
import Linux
import Primitives
import Runtime
import Synchronization
import WebSocket
import _Concurrency

/// A message, or a Close, that waits in a ``SendQueue``: a block with the payload behind it.
@unsafe struct SendEntry {
    /// First, since the queue's inbox links entries by it.
    private var node = InboxNode(kind: 0)
    let opcode: Opcode
    let byteCount: Int
    let code: CloseCode
    let reason: StaticString

    /// A block for `byteCount` bytes of payload; nil if the heap's limit is reached.
    static func make(
        _ opcode: Opcode, _ payload: borrowing Span<UInt8>, _ code: CloseCode = .normal, _ reason: StaticString = ""
    ) -> UnsafeMutablePointer<SendEntry>? {
        guard let memory = unsafe currentHeap.pointee.allocate(room(for: payload.count)) else { return nil }
        // SAFETY: the block is new, and has room for the entry and `payload`.
        let entry = unsafe memory.assumingMemoryBound(to: SendEntry.self)
        unsafe entry.initialize(
            to: SendEntry(opcode: opcode, byteCount: payload.count, code: code, reason: reason))
        let start = unsafe UnsafeMutableRawPointer(entry + 1).assumingMemoryBound(to: UInt8.self)
        var writer = unsafe ByteWriter(unsafeBase: start, capacity: payload.count)
        writer.append(payload)
        return unsafe entry
    }

    private init(opcode: Opcode, byteCount: Int, code: CloseCode, reason: StaticString) {
        unsafe self.opcode = opcode
        unsafe self.byteCount = byteCount
        unsafe self.code = code
        unsafe self.reason = reason
    }

    /// What a message takes of its queue's room: its block, so that those without payload have a bound too.
    @inline(__always)
    static func room(for byteCount: Int) -> Int { unsafe MemoryLayout<SendEntry>.stride + byteCount }

    static func free(_ entry: UnsafeMutablePointer<SendEntry>) { unsafe Heap.free(entry, from: currentHeap) }
}

/// The messages that other tasks have for one WebSocket's peer, in their order. It outlives the WebSocket for as long
/// as there are senders.
///
///              push: rings the worker               the inbox is empty
///     ┌───────┐ ───────────────────────▶ ┌─────────┐ ─────────────────▶ quiet
///     │ quiet │                          │ pumping │
///     └───────┘                          └─────────┘ ─────────────────▶ ┌──────────┐
///                                             ▲  the peer does not read │ deferred │
///                                             └──────────────────────── └──────────┘
///                                                  outputSent
///
/// "Quiet" is the inbox's own state: its owner sleeps, so that exactly one push rings. In any state the WebSocket may
/// end: then entries are freed as they come.
///
/// - Invariant: what is said to be the worker's is touched on ``worker``'s thread only. ``slot`` is nil from the end of
///   the connection on, of which `WebSocketPost.ended(_:)` hears before the slot is used again. An entry belongs to
///   the queue from its push until it is freed.
@safe final class SendQueue: @unchecked Sendable {
    // SHARED: any thread pushes, reserves and waits; all of these are atomic.
    private let inbox = Inbox()
    /// Bytes of blocks that are reserved. Sequentially consistent, as ``waiters`` is: a waiter looks at the one after
    /// it has changed the other, and so does the worker.
    private let used = Atomic<Int>(0)
    private let waiters = Atomic<UInt>(0)
    /// Relaxed where a message is pushed: what comes too late is freed. Else as `used`.
    private let hasEnded = Atomic<Bool>(false)
    /// Whether a message to wake the session is on its way. Acquire-release exchanges: a wake that sends none because
    /// one is on its way has published what the session will look at.
    private let isWaking = Atomic<Bool>(false)
    let limit: Int
    let worker: Worker
    /// The connection's, as long as it is open.
    let descriptor: FileDescriptor

    // The worker's.
    private(set) var slot: Slot?
    /// The next queue of the post's list.
    var next: SendQueue?
    private var first: UnsafeMutablePointer<InboxNode>?
    /// Whether the session has been woken and does not know it yet.
    private var isWoken = false

    init(_ slot: Slot?, on worker: Worker, limit: Int) {
        self.slot = slot
        descriptor = slot?.descriptor ?? FileDescriptor(rawValue: -1)
        self.worker = worker
        self.limit = limit
        unsafe first = nil
        _ = inbox.prepareToSleep()
        if slot == nil { hasEnded.store(true, ordering: .relaxed) }
    }

    deinit { freeEntries() }

    var isClosed: Bool { hasEnded.load(ordering: .relaxed) }

    // MARK: Any thread

    /// What became of a message.
    enum Outcome {
        case queued
        case full
        case closed
        case noMemory
    }

    func push(_ opcode: Opcode, _ payload: borrowing Span<UInt8>) -> Outcome {
        guard !isClosed else { return .closed }
        let size = unsafe SendEntry.room(for: payload.count)
        guard reserve(size) else { return .full }
        guard let entry = unsafe SendEntry.make(opcode, payload) else {
            release(size)
            // The worker may have looked for room meanwhile.
            resumeWaiters()
            return .noMemory
        }
        unsafe push(entry)
        return .queued
    }

    /// Closes the WebSocket, behind the messages that wait.
    func pushClose(_ code: CloseCode, _ reason: StaticString) {
        guard !isClosed, let entry = unsafe SendEntry.make(.close, Span(), code, reason) else { return }
        // It needs no room, but takes some: what is freed gives it back.
        used.add(unsafe SendEntry.room(for: 0), ordering: .sequentiallyConsistent)
        unsafe push(entry)
    }

    private func push(_ entry: UnsafeMutablePointer<SendEntry>) {
        // SAFETY: the node is the entry's first field.
        let node = unsafe UnsafeMutableRawPointer(entry).assumingMemoryBound(to: InboxNode.self)
        if unsafe inbox.push(node) { ring(0) }
    }

    /// Makes the session's ``WebSocket/nextEvent()`` return.
    func wake() {
        guard !isClosed, !isWaking.exchange(true, ordering: .acquiringAndReleasing) else { return }
        ring(1)
    }

    /// Sends the worker this queue. The message holds a reference.
    private func ring(_ tag: UInt) {
        Scheduler.send(unsafe UInt(bitPattern: Unmanaged.passRetained(self).toOpaque()) | tag, to: worker)
    }

    /// Takes `size` bytes of room. One message fits into an empty queue whatever its length.
    ///
    /// In one step: bytes that were added for a moment only would hide room from the worker, which offers it once.
    /// `Tests/models/room.pml` proves it.
    private func reserve(_ size: Int) -> Bool {
        var now = used.load(ordering: .relaxed)
        while now == 0 || now + size <= limit {
            let (exchanged, current) = used.weakCompareExchange(
                expected: now, desired: now + size, ordering: .sequentiallyConsistent)
            if exchanged { return true }
            now = current
        }
        return false
    }

    private func release(_ size: Int) { used.subtract(size, ordering: .sequentiallyConsistent) }

    private func hasRoom(for size: Int) -> Bool {
        let now = used.load(ordering: .sequentiallyConsistent)
        return now == 0 || now + size <= limit || hasEnded.load(ordering: .sequentiallyConsistent)
    }

    /// Suspends the running task until there may be room for a message of `byteCount` bytes, or the WebSocket has
    /// ended. False if the task was cancelled.
    func waitForRoom(_ byteCount: Int) async -> Bool {
        let waiter = SendWaiter()
        return await withTaskCancellationHandler {
            unsafe await withUnsafeContinuation { continuation in
                unsafe waiter.suspend(continuation)
                join(waiter)
                if hasRoom(for: unsafe SendEntry.room(for: byteCount)) { waiter.resume(true) }
            }
        } onCancel: {
            waiter.resume(false)
        }
    }

    private func join(_ waiter: SendWaiter) {
        let address = unsafe UInt(bitPattern: Unmanaged.passRetained(waiter).toOpaque())
        var head = waiters.load(ordering: .relaxed)
        while true {
            waiter.next = head
            let (exchanged, current) = waiters.weakCompareExchange(
                expected: head, desired: address, ordering: .sequentiallyConsistent)
            if exchanged { return }
            head = current
        }
    }

    /// Resumes all that wait. They look again whether there is room.
    private func resumeWaiters() {
        guard waiters.load(ordering: .sequentiallyConsistent) != 0 else { return }
        var address = waiters.exchange(0, ordering: .sequentiallyConsistent)
        while let pointer = unsafe UnsafeRawPointer(bitPattern: address) {
            // SAFETY: each was retained when it joined.
            let waiter = unsafe Unmanaged<SendWaiter>.fromOpaque(pointer).takeRetainedValue()
            address = waiter.next
            waiter.resume(true)
        }
    }

    // MARK: The worker

    /// The oldest entry; nil if none is left and the next push will ring.
    func firstEntry() -> UnsafeMutablePointer<SendEntry>? {
        while unsafe first == nil {
            unsafe first = inbox.drain()
            if unsafe first == nil, inbox.prepareToSleep() { return nil }
        }
        // SAFETY: the node is an entry's first field.
        return unsafe UnsafeMutableRawPointer(first.unsafelyUnwrapped).assumingMemoryBound(to: SendEntry.self)
    }

    /// Frees the oldest entry, which has gone on.
    func removeFirst() {
        guard let node = unsafe first else { return }
        unsafe first = node.pointee.next
        // SAFETY: as in `firstEntry()`.
        let entry = unsafe UnsafeMutableRawPointer(node).assumingMemoryBound(to: SendEntry.self)
        release(unsafe SendEntry.room(for: entry.pointee.byteCount))
        unsafe SendEntry.free(entry)
    }

    /// Lets those go on that wait for room, if there is some.
    func offerRoom() {
        if used.load(ordering: .sequentiallyConsistent) <= limit / 2 { resumeWaiters() }
    }

    /// The WebSocket has ended, or has sent a Close frame: nothing is sent any more.
    func end() {
        slot = nil
        hasEnded.store(true, ordering: .sequentiallyConsistent)
        freeEntries()
        resumeWaiters()
    }

    private func freeEntries() {
        while unsafe firstEntry() != nil { removeFirst() }
    }

    /// A message to wake the session has come.
    func noteWake() {
        _ = isWaking.exchange(false, ordering: .acquiringAndReleasing)
        isWoken = true
    }

    /// Whether the session was woken since the last time.
    func takeWake() -> Bool {
        defer { isWoken = false }
        return isWoken
    }
}

/// A task that waits for room in a ``SendQueue``.
///
///     ┌─────┐ suspend ┌───────────┐ resume ┌─────────┐
///     │ new │ ──────▶ │ suspended │ ─────▶ │ resumed │    the first resume decides
///     └─────┘         └───────────┘        └─────────┘
///        └───────────────── resume ────────────▲
///
/// - Invariant: the word is 0, the task's continuation, or 1 or 2 for how it was resumed; the exchange that takes the
///   continuation out resumes it.
@safe private final class SendWaiter: @unchecked Sendable {
    // SHARED: `word` is atomic; `next` is written before the waiter is shared.
    private let word = Atomic<UInt>(0)
    /// The one that joined before.
    var next: UInt = 0

    func suspend(_ continuation: UnsafeContinuation<Bool, Never>) {
        let bits = unsafe unsafeBitCast(continuation, to: UInt.self)
        let (exchanged, current) = word.compareExchange(expected: 0, desired: bits, ordering: .acquiringAndReleasing)
        if !exchanged { unsafe continuation.resume(returning: current == 1) }
    }

    func resume(_ value: Bool) {
        var old = word.load(ordering: .acquiring)
        while old != 1 && old != 2 {
            let (exchanged, current) = word.weakCompareExchange(
                expected: old, desired: value ? 1 : 2, ordering: .acquiringAndReleasing)
            if exchanged {
                guard old != 0 else { return }
                // SAFETY: `suspend(_:)` has stored it, and this exchange alone has taken it.
                let continuation = unsafe unsafeBitCast(old, to: UnsafeContinuation<Bool, Never>.self)
                return unsafe continuation.resume(returning: value)
            }
            old = current
        }
    }
}

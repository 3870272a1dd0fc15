// Sources/Net/ConnectionHandler.swift — a connection while it is being served: its input, its output, its task.
// `+Waiting` has what suspends, `+Lifetime` deadlines and ends: each file is read alone.

import Bytes
import Linux
import Primitives
import Runtime
import _Concurrency

/// A connection that has something to be done. One object, with one task, serves many connections in turn: between
/// requests a connection is only its ``Slot``.
///
///              bytes came                the handler suspends, or waits for I/O
///     ┌──────┐ ──────────▶ ┌─────────┐ ───────────────────────▶ ┌───────────┐
///     │ idle │             │ serving │                          │ suspended │
///     └──────┘ ◀────────── └─────────┘ ◀─────────────────────── └───────────┘
///              handler has           its timer, its peer or another task resumes it
///              returned
///
/// What can be dealt with at once needs no task: ``serveWithoutSuspending()`` is asked first, by the loop itself.
///
/// All of it happens on the connection's worker. Input is parsed where it was received: in the worker's receive buffer,
/// which a connection keeps only while its handler is suspended. Output of one worker goes into one buffer too, which
/// is sent when the handler returns, suspends, or asks for it: one send for a batch of requests.
open class ConnectionHandler {
    /// Does what the protocol can do without waiting, so that no task is woken or made for it. The loop calls it when
    /// an idle connection has received bytes, or on another ``event``.
    ///
    /// - Returns: whether that was all. If not, ``serve()`` is called next.
    open func serveWithoutSuspending() -> Bool { false }

    /// Serves the connection from where ``serveWithoutSuspending()`` could not go on, with the bytes in ``input``.
    ///
    /// Subclasses serve what is complete, and return. What they do not consume is there again at the next call, with
    /// more behind it. They may also wait for more with ``receive()``: the connection then keeps its task.
    open func serve() async {}

    /// Called when the time of ``limitTime(to:)`` has passed while the handler is suspended. Subclasses may append a
    /// last response to ``output``, which is empty, and write to the log.
    ///
    /// - Returns: whether they appended a last response.
    open func answerOverdue() -> Bool { false }

    /// What the task is suspended for.
    enum Wait {
        case nothing
        case forInput
        case forOutput
        case forConnection
    }

    /// How the connection ends when the handler has returned.
    private enum Closing {
        case atOnce
        case lingering
    }

    /// Why ``serve()`` is called, or ``wait()`` has returned.
    public enum Event: Sendable {
        /// Bytes have come.
        case input
        /// The deadline has passed.
        case deadline
        /// The process is ending: only for a connection that manages its lifetime.
        case draining
        /// The connection is at its end, or broken; nothing can be sent any more. Only for one that manages its
        /// lifetime.
        case end
        /// Another thread has called ``ConnectionLoop/wake(_:)``.
        case woken
    }

    /// The loop whose connections this object serves.
    package final let loop: ConnectionLoop
    /// The connection that it serves now.
    package internal(set) final var slot: Slot?
    private(set) final var awaited = Wait.nothing
    /// The task, while it is suspended in here. It is resumed once: ``resume()`` forgets it first.
    private var suspended: Job?
    /// The task, as what cancels it; nil if none was made yet.
    final var task: Task<Void, Never>?
    /// Whether the task was cancelled. Then it serves no other connection, since that cannot be taken back.
    final var isCancelled = false
    /// When the handler's time has passed, in ms of the worker's clock; 0: never.
    final var timeLimit: UInt64 = 0
    /// What was known of the slot when the connection ended before its handler did.
    final var lost = LostConnection()
    /// The receive buffer, while this object has one.
    final var buffer = ReceiveBuffer()
    final var failure: ConnectionError?
    private var closing: Closing?
    /// Whether the peer has ended its direction, and everything before that was received.
    public private(set) final var peerHasEnded = false
    /// Why the handler was called; `.input` after it has returned.
    public internal(set) final var event = Event.input
    /// The next free object of the worker.
    final var nextFree: ImmortalReference<ConnectionHandler>?
    /// How often this serving has filled the buffer.
    final var fullReads = 0

    /// An object for connections of `loop`, which asks for it when it has no free one.
    public init(_ loop: ConnectionLoop) { self.loop = loop }

    // MARK: What the handler sees

    /// The worker on which all of this happens.
    @inline(__always)
    public final var worker: Worker { loop.worker }

    /// The connection's descriptor number, for the log.
    public final var descriptor: FileDescriptor {
        guard let slot = slot else { return lost.descriptor }
        return slot.descriptor
    }

    /// Bytes received and not consumed. The span is good until the next ``receive()`` or ``consume(_:)``.
    @inline(__always)
    public final var input: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // SAFETY: the buffer is this object's while it serves.
            unsafe _overrideLifetime(buffer.bytes, borrowing: self)
        }
    }

    /// Takes the first `count` bytes of the input away. Traps if there are not so many.
    @inline(__always)
    public final func consume(_ count: Int) { buffer.consume(count) }

    /// Takes `count` bytes of the input away that begin at `offset`. What is before them is moved up: let it be little.
    public final func consume(_ count: Int, at offset: Int) { buffer.consume(count, at: offset) }

    /// Shows the input to a protocol that changes bytes where they are, such as one that unmasks them.
    @inline(__always)
    public final func changeInput<Result, Failure>(
        _ change: (inout MutableSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try buffer.change(change)
    }

    /// The output, to which a handler appends. It is sent when the handler returns or suspends, and by ``flush()``.
    public final var output: ByteWriter {
        @inline(__always) _read { yield loop.writer.output }
        @inline(__always) _modify {
            loop.active = ImmortalReference(self)
            yield &loop.writer.output
        }
    }

    /// Sends `bytes` behind what is in ``output``, as if they were appended, but without copying them.
    ///
    /// - Returns: false if there is no room for more of these: append them.
    /// - Safety: the bytes stay where and as they are until the handler returns or suspends.
    @unsafe public final func quote(_ bytes: borrowing Span<UInt8>) -> Bool {
        loop.active = ImmortalReference(self)
        return unsafe loop.writer.quote(bytes)
    }

    /// A word of the protocol's own that stays with the connection while it is idle; 0 at first.
    public final var protocolState: UInt32 {
        @inline(__always) get { slot?.protocolState ?? lost.protocolState }
        @inline(__always) set { if let slot { slot.protocolState = newValue } else { lost.protocolState = newValue } }
    }

    /// Whether the connection came by a listener for administration.
    package final var isForAdministration: Bool { slot?.flags.contains(.administration) ?? false }

    /// Whether the process is ending: handlers finish what they have begun, and close.
    public final var isDraining: Bool { loop.isDraining }

    /// Sets the connection's deadline to `milliseconds` from now, in place of its last one.
    @inline(__always)
    public final func setDeadline(after milliseconds: Int) {
        if let slot { worker.setDeadline(slot, after: milliseconds) }
    }

    /// Removes the connection's deadline.
    @inline(__always)
    public final func clearDeadline() {
        if let slot { worker.clearDeadline(slot) }
    }

    /// Closes the connection when the output is sent and the handler has returned.
    ///
    /// - Parameter lingering: the peer may still be sending: its bytes are thrown away for a while, because to close
    ///   on unread bytes would reset the connection, and might cost the peer the last response (RFC 9112 §9.6).
    public final func close(lingering: Bool = false) { closing = lingering ? .lingering : .atOnce }

    // MARK: Called by the loop

    /// Serves the connection as far as no task is needed for it.
    ///
    /// - Returns: whether it is idle or closed again, and this object is free.
    @inline(__always)
    final func runAtOnce() -> Bool {
        repeat {
            guard serveWithoutSuspending() else { return false }
            event = .input
        } while shouldContinue(mayWait: true)
        release()
        return true
    }

    /// The task's life: serve a connection until it is idle or closed, then wait for the next one that needs a task.
    private func run() async {
        repeat {
            repeat {
                await serve()
                event = .input
            } while shouldContinue(mayWait: false)
            release()
        } while await waitForConnection()
    }

    /// Lets the task serve the connection. It is made when it is first needed.
    final func runInTask() {
        guard suspended == nil else { return resume() }
        loop.writer.sendBatch()
        // SHARED: the task runs on this worker, like everything that touches the object.
        nonisolated(unsafe) let object = self
        let made = ImmediateTask.make { unsafe await object.run() }
        task = made.task
        worker.runNow(made.job)
    }

    /// Begins to serve the connection of `slot`, whose input is in `buffer`.
    final func begin(_ slot: Slot, _ buffer: consuming ReceiveBuffer, _ event: Event) {
        slot.handler = ImmortalReference(self)
        slot.transition(to: .serving)
        self.slot = slot
        self.buffer = buffer
        fullReads = 0
        self.event = event
        if event == .end { peerHasEnded = true }
    }

    /// After the handler returned: sends the output, and says whether there is input to call it for again.
    ///
    /// - Parameter mayWait: as for ``sendNow(mayWait:)``.
    private func shouldContinue(mayWait: Bool) -> Bool {
        do throws(ConnectionError) {
            if let failure { throw failure }
            let isSent = try closing == nil ? sendNow(mayWait: mayWait) : sendLast()
            if closing != nil { return false }
            // A peer that does not read its responses gets no more requests answered until it does.
            guard isSent, !peerHasEnded else { return false }
            // Nor does one that sends without end keep the others waiting: it gets its next turn after them.
            fullReads += 1
            guard fullReads < Config.readsPerServing else { return false }
            switch try receiveNow() {
            case .bytes: return true
            case .wouldBlock: return false
            case .end: return isToldOfEnd()
            }
        } catch {
            failure = error
            return isToldOfEnd()
        }
    }

    /// Whether the handler is called once more, to learn that this is the end.
    private func isToldOfEnd() -> Bool {
        guard managesLifetime else { return false }
        event = .end
        peerHasEnded = true
        // It is told once, whatever it makes of it.
        managesLifetime = false
        return true
    }

    /// The connection is idle or at its end: this object is free for another one.
    private func release() {
        if let slot {
            slot.handler = nil
            if failure == nil && closing == nil && !peerHasEnded { keepInput(slot) }
            if failure != nil {
                loop.writer.removeAll()
                loop.close(slot)
            } else if closing != nil || peerHasEnded {
                loop.end(slot, lingering: closing == .lingering && !peerHasEnded)
            } else {
                slot.transition(to: .idle)
                loop.rest(slot)
            }
        } else {
            loop.writer.removeAll()
        }
        loop.reader.giveBack(&buffer)
        slot = nil
        loop.active = nil
        failure = nil
        closing = nil
        peerHasEnded = false
        timeLimit = 0
    }

    private func waitForConnection() async -> Bool {
        guard loop.keep(self) else { return false }
        guard !isCancelled else {
            // The next connection that needs a task gets a new one.
            isCancelled = false
            task = nil
            return false
        }
        await suspend(.forConnection)
        return true
    }

    // MARK: Suspending

    @inline(never)
    final func suspend(_ wait: Wait) async {
        assert(worker.isCurrent, "a connection is its worker's")
        awaited = wait
        // SAFETY: `resume` alone gets at the continuation.
        unsafe await withUnsafeContinuation { (task: UnsafeContinuation<Void, Never>) in suspended = unsafe Job(task) }
        awaited = .nothing
    }

    /// The handler was suspended: what it wrote goes out, and what it will want to read again stays here.
    final func flushOnSuspend() {
        // If it fails, the handler is told when it goes on.
        _ = try? sendNow()
        if buffer.count == 0 { loop.reader.giveBack(&buffer) }
        guard let slot else { return }
        if failure != nil || timeLimit != 0 || slot.flags.contains(.peerClosed) { look(at: slot) }
    }

    /// Whether what the handler waits for has come.
    @inline(__always)
    final func canResume(_ slot: Slot) -> Bool {
        awaited == .forInput && slot.flags.contains(.readable) || awaited == .forOutput && slot.output == nil
    }

    /// Goes on with the task, which waits for this. Called by the loop.
    @inline(__always)
    final func resume() {
        guard let task = suspended else { return }
        loop.writer.sendBatch()
        suspended = nil
        // Where it suspends next is looked at, also if it has written nothing until then.
        loop.active = ImmortalReference(self)
        worker.runNow(task)
    }

    // MARK: Bytes

    /// Receives what is there, behind the unconsumed input.
    final func receiveNow() throws(ConnectionError) -> Received {
        assert(worker.isCurrent, "a connection is its worker's")
        guard let slot else { throw .broken }
        guard slot.flags.contains(.readable) else { return .wouldBlock }
        let received = try loop.reader.receiveBehindInput(slot, into: &buffer)
        if received == .end { peerHasEnded = true }
        return received
    }

    /// Keeps the input that was not consumed with the slot.
    final func keepInput(_ slot: Slot) {
        guard buffer.count > 0 else { return }
        slot.input = ByteBlock(copying: input)
        if slot.input == nil { failure = .outOfMemory }
    }

    /// Sends what waits and what is in ``output``. Returns whether the kernel took all. If that fails, so has the
    /// connection: how much was sent is not known any more, so that neither the rest nor anything twice may be sent.
    ///
    /// - Parameter mayWait: whether it may be sent later, with what others send in this turn.
    @discardableResult
    final func sendNow(mayWait: Bool = false) throws(ConnectionError) -> Bool {
        assert(worker.isCurrent, "a connection is its worker's")
        guard let slot else {
            loop.writer.removeAll()
            throw failure ?? .broken
        }
        if mayWait && !loop.isDraining && loop.writer.addToBatch(slot) { return true }
        do throws(ConnectionError) {
            return try loop.writer.send(slot)
        } catch {
            failure = failure ?? error
            loop.writer.removeAll()
            throw error
        }
    }

    /// The same, with the connection's end behind it.
    private func sendLast() throws(ConnectionError) -> Bool {
        guard let slot else { return true }
        return try loop.writer.sendLast(slot)
    }
}

extension Slot {
    /// The object that serves the connection now.
    var handler: ImmortalReference<ConnectionHandler>? {
        // SAFETY: only the setter stores an owner, and a handler takes itself out of the slot before it is freed.
        @inline(__always) get { unsafe owner.map { unsafe ImmortalReference(address: $0) } }
        @inline(__always) nonmutating set { unsafe owner = newValue?.address }
    }
}

// Sources/Net/Connection.swift — a connection while it is being served: its input, its output, its task.

import Linux
import Primitives
import Runtime
import Utilities
import _Concurrency

/// A connection that has something to be done. One object, with one task, serves many connections in turn: between
/// requests a connection is only its slot in `DescriptorTable`.
///
///              bytes came                the handler suspends, or waits for I/O
///     ┌──────┐ ──────────▶ ┌─────────┐ ───────────────────────▶ ┌───────────┐
///     │ idle │             │ serving │                          │ suspended │
///     └──────┘ ◀────────── └─────────┘ ◀─────────────────────── └───────────┘
///              handler has           its timer, its peer or another task resumes it
///              returned
///
/// All of it happens on the connection's worker. Input is parsed where it was received: in the worker's receive buffer,
/// which a connection keeps only while its handler is suspended. Output of one worker goes into one buffer too, which is
/// sent when the handler returns, suspends, or asks for it: one send for a batch of requests.
@safe open class Connection {
    enum Wait {
        case nothing
        case forInput
        case forOutput
        case forConnection
    }

    /// Serves the connection: called when bytes have come for it while nobody served it, with the bytes in ``input``.
    ///
    /// Subclasses say what a protocol does: deal with all that can be dealt with, and return. What is not consumed is
    /// there again at the next call, with more behind it. To go on waiting in here, with ``receive()``, is allowed too:
    /// the connection then keeps its task.
    open func serve() async {}

    let service: ConnectionService
    var slot: SlotPointer?
    var wait = Wait.nothing
    private var continuation: UnsafeContinuation<Void, Never>?
    /// The receive buffer, while this object has it.
    var buffer: UnsafeMutablePointer<UInt8>?
    private var start = 0
    private var end = 0
    private var failure: ConnectionError?
    private var closing: Closing?
    /// Whether the peer has ended its direction, and everything before that was received.
    public private(set) final var peerHasEnded = false
    /// Whether the handler was called because the deadline passed, not because bytes came.
    public internal(set) final var hasTimedOut = false
    /// The next free object of the worker.
    var nextFree: Unmanaged<Connection>?
    /// How often this serving has filled the buffer.
    private var fullReads = 0

    private enum Closing {
        case atOnce
        case lingering
    }

    /// An object for connections of `service`, which asks for it when it has no free one.
    public init(_ service: ConnectionService) { self.service = service }

    // MARK: What the handler sees

    /// The worker on which all of this happens.
    @inline(__always)
    public final var worker: Worker { service.worker }

    /// The connection's descriptor number, for the log.
    public final var descriptor: FileDescriptor {
        guard let slot = unsafe slot else { return FileDescriptor(rawValue: -1) }
        return unsafe DescriptorTable.descriptor(slot)
    }

    /// Bytes received and not consumed. The span is good until the next ``receive()`` or ``consume(_:)``.
    @inline(__always)
    public final var input: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // SAFETY: `start..<end` of the buffer was received, and the buffer is this object's while it serves.
            let first = unsafe buffer.unsafelyUnwrapped + start
            let span = unsafe Span(_unsafeStart: UnsafePointer(first), count: end - start)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Takes the first `count` bytes of the input away.
    @inline(__always)
    public final func consume(_ count: Int) {
        precondition(count >= 0 && count <= end - start, "consumed more than was received")
        start += count
    }

    /// Takes `count` bytes of the input away that begin at `offset`, so that what is before them stays where it is.
    public final func consume(_ count: Int, at offset: Int) {
        precondition(offset >= 0 && count >= 0 && offset + count <= end - start, "consumed more than was received")
        let rest = end - start - offset - count
        // SAFETY: both ranges lie in the received part.
        if rest > 0, let buffer = unsafe buffer {
            let target = unsafe buffer + start + offset
            unsafe UnsafeMutableRawPointer(target).copyMemory(from: target + count, byteCount: rest)
        }
        end -= count
    }

    /// Where what is to be sent is appended. It is sent when the handler returns or suspends, and by ``flush()``.
    public final var output: ByteWriter {
        @inline(__always) _read { yield service.output }
        @inline(__always) _modify {
            unsafe service.active = Unmanaged.passUnretained(self)
            yield &service.output
        }
    }

    /// A word of the protocol's own that stays with the connection while nobody serves it; 0 at first.
    public final var protocolWord: UInt32 {
        @inline(__always) get { unsafe slot?.pointee.protocolWord ?? 0 }
        @inline(__always) set { unsafe slot?.pointee.protocolWord = newValue }
    }

    /// Whether the process is ending: finish what was begun, and close.
    public final var isDraining: Bool { service.isDraining }

    /// Has the connection time out `milliseconds` from now, unless a new deadline is set before.
    @inline(__always)
    public final func setDeadline(after milliseconds: Int) {
        if let slot = unsafe slot { unsafe worker.setDeadline(slot, after: milliseconds) }
    }

    /// Has the connection no deadline: its handler may take its time.
    @inline(__always)
    public final func clearDeadline() {
        if let slot = unsafe slot { unsafe worker.clearDeadline(slot) }
    }

    /// Closes the connection when the output is sent and the handler has returned.
    ///
    /// - Parameter lingering: the peer may still be sending: its bytes are thrown away for a while, because to close
    ///   on unread bytes would reset the connection, and might cost the peer the last response (RFC 9112 §9.6).
    public final func close(lingering: Bool = false) { closing = lingering ? .lingering : .atOnce }

    /// Waits until more input has come.
    ///
    /// - Returns: false if the peer has ended its direction: there will be no more.
    /// - Throws: ``ConnectionError``.
    public final func receive() async throws(ConnectionError) -> Bool {
        while true {
            if let failure { throw failure }
            if peerHasEnded { return false }
            switch try receiveNow() {
            case .bytes: return true
            case .end: return false
            case .wouldBlock: await suspend(.forInput)
            }
        }
    }

    /// Waits until the kernel has taken all output.
    ///
    /// - Throws: ``ConnectionError``.
    public final func flush() async throws(ConnectionError) {
        while true {
            if let failure { throw failure }
            guard try !sendNow() else { return }
            setDeadline(after: service.settings.writeTimeout)
            await suspend(.forOutput)
            clearDeadline()
        }
    }

    /// Sends `bytes`, waiting for the peer where need be: for what may be larger than ``output`` has room for.
    public final func write(_ bytes: borrowing Span<UInt8>) async throws(ConnectionError) {
        var written = 0
        while written < bytes.count {
            let room = output.remaining
            guard room > 0 else {
                try await flush()
                continue
            }
            let count = Swift.min(room, bytes.count - written)
            output.append(bytes.extracting(written..<written + count))
            written += count
        }
    }

    // MARK: Serving

    /// The task's life: serve a connection until it is idle or closed, then wait for the next one.
    final func run() async {
        repeat {
            repeat {
                await serve()
                hasTimedOut = false
            } while goesOn()
            release()
        } while await waitForConnection()
    }

    /// Begins to serve the connection of `slot`: `count` bytes are in `buffer`.
    @inline(__always)
    final func begin(_ slot: SlotPointer, _ buffer: UnsafeMutablePointer<UInt8>, _ count: Int) {
        unsafe self.slot = slot
        unsafe self.buffer = buffer
        let this = unsafe Unmanaged.passUnretained(self)
        unsafe slot.pointee.server = this.toOpaque()
        unsafe service.active = this
        start = 0
        end = count
        fullReads = 0
    }

    /// Has the task run that ``run()`` is: for the first time if it is given, else on from its wait for a connection.
    @inline(__always)
    final func go(_ newTask: UnsafeMutableRawPointer?) {
        if let newTask = unsafe newTask { unsafe worker.runNow(newTask) } else { resume() }
    }

    /// After the handler returned: sends the output, and says whether there is input to call it for again.
    private final func goesOn() -> Bool {
        do throws(ConnectionError) {
            if let failure { throw failure }
            let isSent = try sendNow()
            if closing != nil { return false }
            // A peer that does not read its responses gets no more requests answered until it does.
            guard isSent, !peerHasEnded else { return false }
            // Nor does one that sends without end keep the others waiting: it gets its next turn after them.
            fullReads += 1
            guard fullReads < Config.readsPerServing else { return false }
            return try receiveNow() == .bytes
        } catch {
            closing = .atOnce
            failure = error
            return false
        }
    }

    /// The connection is idle or at its end: this object is free for another one.
    private final func release() {
        guard let slot = unsafe slot else { return }
        unsafe slot.pointee.server = nil
        if failure == nil && closing == nil && !peerHasEnded { unsafe keepRest(slot) }
        if failure != nil {
            service.output.removeAll()
            unsafe service.close(slot)
        } else if closing != nil || peerHasEnded {
            unsafe service.end(slot, lingering: closing == .lingering && !peerHasEnded)
        } else {
            unsafe service.idle(slot)
        }
        unsafe service.giveBack(&buffer)
        unsafe self.slot = nil
        unsafe service.active = nil
        failure = nil
        closing = nil
        peerHasEnded = false
    }

    /// Keeps the input that nobody consumed with the slot.
    private final func keepRest(_ slot: SlotPointer) {
        guard end > start, let buffer = unsafe buffer else { return }
        if let block = unsafe ByteBlock(copying: buffer + start, count: end - start) {
            unsafe slot.pointee.input = block.pointer
        } else {
            failure = .outOfMemory
        }
    }

    private final func waitForConnection() async -> Bool {
        guard service.keep(self) else { return false }
        await suspend(.forConnection)
        return true
    }

    // MARK: Suspending

    @inline(never)
    private final func suspend(_ wait: Wait) async {
        self.wait = wait
        unsafe await withUnsafeContinuation { continuation in unsafe self.continuation = continuation }
        self.wait = .nothing
    }

    /// Goes on with the task, which waits for this. Called by the loop.
    @inline(__always)
    final func resume() {
        guard let continuation = unsafe continuation else { return }
        unsafe self.continuation = nil
        unsafe worker.runNow(unsafeBitCast(continuation, to: UnsafeMutableRawPointer.self))
    }

    /// The connection broke or timed out while its handler is suspended.
    final func fail(_ error: ConnectionError) {
        failure = failure ?? error
        if wait == .forInput || wait == .forOutput { resume() }
    }

    // MARK: Bytes

    /// Receives what is there, behind the unconsumed input.
    private final func receiveNow() throws(ConnectionError) -> Arrived {
        guard let slot = unsafe slot else { throw .broken }
        guard unsafe slot.pointee.state.contains(.readable) else { return .wouldBlock }
        let buffer = unsafe try receiveBuffer()
        let room = Config.receiveBufferSize - end
        guard room > 0 else { throw .outOfMemory }
        let arrived = unsafe try service.receive(slot, into: buffer + end, room: room)
        end += arrived.count
        if arrived.result == .end { peerHasEnded = true }
        return arrived.result
    }

    /// The buffer, with the unconsumed input at its start.
    private final func receiveBuffer() throws(ConnectionError) -> UnsafeMutablePointer<UInt8> {
        guard let buffer = unsafe buffer ?? service.takeBuffer() else { throw .outOfMemory }
        unsafe self.buffer = buffer
        if start > 0 {
            // SAFETY: the rest lies in the buffer.
            unsafe UnsafeMutableRawPointer(buffer).copyMemory(from: buffer + start, byteCount: end - start)
            end -= start
            start = 0
        }
        return unsafe buffer
    }

    /// Sends what waits and what is in ``output``. Returns whether the kernel took all.
    @discardableResult
    final func sendNow() throws(ConnectionError) -> Bool {
        guard let slot = unsafe slot else { return true }
        return unsafe try service.send(slot)
    }

    /// The handler was suspended: what it wrote goes out, and what it will want to read again stays here.
    final func settle() {
        do throws(ConnectionError) {
            try sendNow()
        } catch {
            failure = failure ?? error
            service.output.removeAll()
        }
        if start == end { unsafe service.giveBack(&buffer) }
    }
}

/// What ``Connection/receive()`` and the service's reads find.
enum Arrived: Equatable {
    case bytes
    case end
    case wouldBlock
}

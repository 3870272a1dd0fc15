// Sources/Net/ConnectionHandler.swift — a connection while it is being served: its input, its output, its task.

import Bytes
import Linux
import Primitives
import Runtime
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
/// What can be dealt with at once needs no task: ``serveWithoutSuspending()`` is asked first, by the loop itself.
///
/// All of it happens on the connection's worker. Input is parsed where it was received: in the worker's receive buffer,
/// which a connection keeps only while its handler is suspended. Output of one worker goes into one buffer too, which
/// is sent when the handler returns, suspends, or asks for it: one send for a batch of requests.
@safe open class ConnectionHandler {
    enum Wait {
        case nothing
        case forInput
        case forOutput
        case forConnection
    }

    /// Deals with what can be dealt with at once: called when bytes have come while nobody served the connection, or
    /// something else has happened to it; see ``event``.
    ///
    /// Subclasses say what a protocol does without waiting for anything: no task is woken or even made for it.
    ///
    /// - Returns: whether that was all there is to do now. If not, ``serve()`` is called next.
    open func serveWithoutSuspending() -> Bool { false }

    /// Serves the connection from where ``serveWithoutSuspending()`` could not go on, with the bytes in ``input``.
    ///
    /// Subclasses deal with all that can be dealt with, and return. What is not consumed is there again at the next
    /// call, with more behind it. To go on waiting in here, with ``receive()``, is allowed too: the connection then
    /// keeps its task.
    open func serve() async {}

    final let service: ConnectionService
    final var slot: Slot?
    /// What the task is suspended for.
    final var awaited = Wait.nothing
    final var continuation: UnsafeContinuation<Void, Never>?
    /// The receive buffer, while this object has it.
    final var buffer: UnsafeMutablePointer<UInt8>?
    final var start = 0
    final var end = 0
    final var failure: ConnectionError?
    final var closing: Closing?
    /// Whether the peer has ended its direction, and everything before that was received.
    public internal(set) final var peerHasEnded = false
    /// Why the handler was called; `.input` after it has returned.
    public internal(set) final var event = Event.input
    /// The next free object of the worker.
    final var nextFree: Unmanaged<ConnectionHandler>?
    /// How often this serving has filled the buffer.
    final var fullReads = 0

    enum Closing {
        case atOnce
        case lingering
    }

    /// Why ``serve()`` is called, or ``wait()`` has returned.
    public enum Event: Sendable {
        /// Bytes have come.
        case input
        /// The deadline has passed.
        case deadline
        /// The process is ending: only for an attended connection.
        case draining
        /// The connection is at its end, or broken; there is nobody to send anything to. Only for an attended one.
        case end
    }

    /// An object for connections of `service`, which asks for it when it has no free one.
    public init(_ service: ConnectionService) { self.service = service }

    // MARK: What the handler sees

    /// The worker on which all of this happens.
    @inline(__always)
    public final var worker: Worker { service.worker }

    /// The connection's descriptor number, for the log.
    public final var descriptor: FileDescriptor {
        guard let slot = slot else { return FileDescriptor(rawValue: -1) }
        return slot.descriptor
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

    /// Takes `count` bytes of the input away that begin at `offset`. What is before them is moved up: let it be little.
    public final func consume(_ count: Int, at offset: Int) {
        precondition(offset >= 0 && count >= 0 && offset + count <= end - start, "consumed more than was received")
        // SAFETY: both ranges lie in the received part.
        if count > 0, let front = unsafe buffer.map({ unsafe UnsafeMutableRawPointer($0 + start) }) {
            unsafe (front + count).copyMemory(from: front, byteCount: offset)
        }
        start += count
    }

    /// Where what is to be sent is appended. It is sent when the handler returns or suspends, and by ``flush()``.
    public final var output: ByteWriter {
        @inline(__always) _read { yield service.output }
        @inline(__always) _modify {
            unsafe service.active = Unmanaged.passUnretained(self)
            yield &service.output
        }
    }

    /// Has `bytes` sent behind what is in ``output``, as if they were appended, but without copying them.
    ///
    /// - Returns: false if there is no room for more of these: append them.
    /// - Safety: the bytes stay where and as they are until the handler returns or suspends.
    @unsafe public final func quote(_ bytes: borrowing Span<UInt8>) -> Bool {
        unsafe service.active = Unmanaged.passUnretained(self)
        return unsafe service.gatherList.add(bytes, behind: service.output)
    }

    /// What was appended to ``output`` from its byte `start` on. Good until the next append.
    @_lifetime(borrow self)
    public final func written(from start: Int) -> Span<UInt8> {
        // SAFETY: the output's memory is as old as the worker, and its first `count` bytes are written.
        let span = unsafe Span(_unsafeStart: UnsafePointer(service.output.base), count: service.output.count)
        return unsafe _overrideLifetime(span.extracting(droppingFirst: start), borrowing: self)
    }

    /// A word of the protocol's own that stays with the connection while nobody serves it; 0 at first.
    public final var protocolState: UInt32 {
        @inline(__always) get { slot?.protocolState ?? 0 }
        @inline(__always) set { slot?.protocolState = newValue }
    }

    /// Whether the connection came by a listener for administration.
    public final var isForAdministration: Bool { slot?.flags.contains(.administration) ?? false }

    /// Whether the process is ending: finish what was begun, and close.
    public final var isDraining: Bool { service.isDraining }

    /// Whether an attended connection is to end now, because the process does; it may also be told later.
    public final var isDrainDue: Bool { drainDelay == 0 }

    /// Milliseconds until ``isDrainDue``; nil if the process does not end.
    public final var drainDelay: Int? { service.drainDelay }

    /// Has the connection time out `milliseconds` from now, unless a new deadline is set before.
    @inline(__always)
    public final func setDeadline(after milliseconds: Int) {
        if let slot = slot { service.setDeadline(slot, after: milliseconds) }
    }

    /// Has the connection no deadline: its handler may take its time.
    @inline(__always)
    public final func clearDeadline() {
        if let slot = slot { worker.clearDeadline(slot) }
    }

    /// Whether the protocol is told of the connection's deadline, drain and end by a call of ``serve()``, or by
    /// ``wait()``; false at first. Otherwise a silent connection is just closed when its deadline passes.
    public final var managesLifetime: Bool {
        get { slot?.flags.contains(.managesLifetime) ?? false }
        set { if let slot = slot { service.attend(slot, newValue) } }
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
            switch try receiveInTurn() {
            case .bytes: return true
            case .end: return false
            case .wouldBlock: await suspend(.forInput)
            }
        }
    }

    /// Waits until more input has come to an attended connection, or something else has happened to it.
    ///
    /// The receive buffer is free for others meanwhile: what little of the input is not consumed is kept apart.
    ///
    /// - Throws: ``ConnectionError``.
    public final func wait() async throws(ConnectionError) -> Event {
        while true {
            if let failure { throw failure }
            if peerHasEnded { return .end }
            if event != .input { return takeEvent() }
            switch try receiveInTurn() {
            case .bytes: return .input
            case .end: return .end
            case .wouldBlock:
                try setInputAside()
                await suspend(.forInput)
            }
        }
    }

    /// Why the handler was called; `.input` the next time.
    public final func takeEvent() -> Event {
        defer { event = .input }
        return event
    }

    /// Changes bytes of the input where they are, as a protocol does whose bytes come in disguise.
    public final func changeInput(_ range: Range<Int>, _ change: (inout MutableSpan<UInt8>) -> Void) {
        precondition(range.lowerBound >= 0 && range.upperBound <= end - start)
        guard let buffer = unsafe buffer else { return }
        // SAFETY: the range lies in the received part of the buffer, which is this object's while it serves.
        var span = unsafe MutableSpan(_unsafeStart: buffer + start + range.lowerBound, count: range.count)
        change(&span)
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

// Sources/Net/ConnectionLoop.swift — one worker's connections: what is done when something happens to one of them.
// `HandlerPool`, the objects that serve them, is at the end.

import Bytes
import Linux
import Primitives
import Runtime
import _Concurrency

/// All connections of one worker. Only its own thread calls it.
///
/// It gives a connection that has bytes to a free ``ConnectionHandler``, which serves it. All control flow of a
/// connection at rest is here; what only receives, sends, accepts or drains is in the objects that this one has:
///
///     ready, expired, adopted, message
///           │
///     ConnectionLoop ──▶ SocketReader    buffers, receiving, what is kept of a request
///           │        ──▶ SocketWriter    output, sending, what the kernel did not take
///           │        ──▶ HandlerPool     objects that serve
///           │        ──▶ AcceptLoop      listeners, limits
///           │        ──▶ DrainController the end of the process
///           ▼
///     ConnectionHandler: a connection while it is served
///
/// A loop is made for each worker, and never freed.
public final class ConnectionLoop {
    /// The worker whose connections these are.
    public let worker: Worker
    var settings: ConnectionSettings
    // SHARED: written while loops are made, before the workers run, then only read.
    private static let last = SharedReference<ConnectionLoop>()
    /// The loop that was made before this one.
    let previous: ImmortalReference<ConnectionLoop>?
    /// How many connections are open: with the other loops' for admission and for the balance of accepting, and for the
    /// end of the drain. Other threads read it a moment late, which may let one connection more in.
    public let openCount = Counter()
    /// How many of them manage their lifetimes: the drain tells them one after the other.
    public let managedCount = Counter()
    /// What is counted for `/metrics`.
    package let metrics: ConnectionMetrics
    var reader: SocketReader
    var writer: SocketWriter
    private var pool: HandlerPool
    var acceptance: AcceptLoop
    var drain = DrainController()
    /// The handler that runs, or has just run, and may have left something in the output.
    var active: ImmortalReference<ConnectionHandler>?
    /// A slot whose use has ended, and whose descriptor is closed when no function looks at it any more.
    var slotToClose: Slot?

    /// What sends on connections for other threads; made when that is first asked for.
    package internal(set) var post: ConnectionPost?

    /// Called on the worker's thread after ``requestReconfiguration()``; set before the worker runs.
    public var reconfigured: () -> Void = {}

    /// How long, in milliseconds, a connection that manages its lifetime may be silent once the peer has taken all that
    /// waited for it: by its protocol's state, and the time until it is to end, if the process does. Set before the
    /// worker runs.
    public var idleTimeout: (UInt32, Int?) -> Int = { _, _ in Config.idleTimeout }

    /// The loop of `worker`'s connections; fills in the worker's `WorkerCallbacks`. Before the workers run.
    ///
    /// - Parameter makeHandler: makes an object that serves connections, one after the other.
    /// - Throws: `.noMemory`, or what io_uring_setup(2) says.
    public init(
        _ worker: Worker, settings: ConnectionSettings,
        makeHandler: @escaping (ConnectionLoop) -> ConnectionHandler
    ) throws(Errno) {
        let batch = unsafe try TransferBatch.make?()
        self.worker = worker
        previous = Self.last.reference
        self.settings = settings
        metrics = ConnectionMetrics()
        reader = SocketReader(worker, metrics, batch)
        writer = try SocketWriter(worker, metrics, batch, timeout: settings.writeTimeout.rawValue)
        pool = HandlerPool(makeHandler)
        acceptance = AcceptLoop(worker)
        Self.last.store(self)
        setCallbacks(batch != nil)
    }

    /// Makes the worker call this loop, from here on.
    private func setCallbacks(_ hasBatch: Bool) {
        worker.callbacks.ready = { slot, readiness in
            self.reader.lookForReceived(slot)
            self.ready(slot, readiness)
            self.finishEvent()
        }
        if hasBatch {
            worker.callbacks.expected = { slot, readiness, position in
                self.reader.expect(slot, readiness, at: position)
            }
            worker.callbacks.gathered = { self.writer.submit() }
        }
        worker.callbacks.rested = {
            self.reader.giveMemoryBack()
            self.writer.giveMemoryBack()
        }
        worker.callbacks.expired = { slot in
            self.expired(slot)
            self.finishEvent()
        }
        worker.callbacks.adopted = { slot in
            self.adopt(slot)
            Admission.arrived()
            self.finishEvent()
        }
        worker.callbacks.ran = {
            self.flushOnSuspend()
            self.finishEvent()
        }
        worker.callbacks.received = { message in self.handle(message) }
    }

    /// Whether the process is ending.
    var isDraining: Bool { drain.isDraining }

    /// Milliseconds until connections that manage their lifetimes are to end; nil if the process does not.
    var drainDelay: Int? { drain.isDraining ? drain.delay(at: worker.now) : nil }

    /// Calls `body` for each worker's loop, the last worker's first. Any thread, while no loop is being made.
    @inline(__always)
    public static func forEach<Failure: Error>(_ body: (ConnectionLoop) throws(Failure) -> Void) throws(Failure) {
        var next = last.reference
        while let loop = next {
            try body(loop.object)
            next = loop.object.previous
        }
    }

    /// The loop of the worker `index`; nil if it has none.
    public static func ofWorker(_ index: Int) -> ConnectionLoop? {
        var found: ConnectionLoop?
        forEach { loop in if loop.worker.index == index { found = loop } }
        return found
    }

    // MARK: Events

    func ready(_ slot: Slot, _ readiness: Readiness) {
        if slot.phase == .listening { return accept(slot) }
        var troubles: Readiness = [.error, .hangUp, .notOpen]
        // Both directions have ended: but what the peer sent before is still thrown away first.
        if slot.phase == .lingering { troubles.remove(.hangUp) }
        if slot.flags.contains(.unsendable) || !readiness.isDisjoint(with: troubles) { return broke(slot) }
        if readiness.contains(.readable) { slot.flags.insert(.readable) }
        if readiness.contains(.peerClosed) { slot.flags.formUnion([.readable, .peerClosed]) }
        if readiness.contains(.writable) {
            slot.flags.insert(.writable)
            if slot.output != nil {
                guard sendWaiting(slot) else { return }
                if slot.flags.contains(.addressed) { return progressWithPost(slot) }
            }
        }
        progress(slot)
    }

    /// Does what the slot's state allows now.
    func progress(_ slot: Slot) {
        if let handler = slot.handler {
            if handler.object.canResume(slot) {
                handler.object.resume()
                flushOnSuspend()
            } else if slot.flags.contains(.peerClosed) {
                handler.object.peerEnded(slot)
            }
        } else if slot.output == nil, slot.flags.contains(.readable) {
            if slot.phase == .lingering { discard(slot) } else { serve(slot) }
        }
        if slot.isOpen { worker.update(slot) }
    }

    /// Ends an event: no task and no function of this loop runs, or knows a connection.
    @inline(__always)
    func finishEvent() {
        if let slot = reader.keepReceived() { close(slot) }
        finishClosing()
        pool.freeDropped()
    }

    // MARK: Serving

    /// Receives, and lets a handler serve what came.
    func serve(_ slot: Slot) {
        var buffer = reader.takeBuffer(for: slot)
        guard buffer.exists else { return waitForMemory(slot) }
        // Whether the deadline came or an event, there is memory now. Whole requests may wait for it.
        let hasWaited = slot.phase.isWaitingForMemory
        if hasWaited {
            slot.transition(to: slot.phase == .waitingForMemory ? .idle : .fresh)
            worker.setDeadline(slot, after: settings.firstTimeout.rawValue)
        }
        let isWhole = hasWaited && buffer.count > 0
        var found = Received.end
        do throws(ConnectionError) {
            found = try reader.receive(slot, into: &buffer)
        } catch {
            // Broken is ended.
        }
        // The end is found once more, behind what is served first.
        if isWhole, found == .end { slot.flags.formUnion([.readable, .peerClosed]) }
        switch found {
        case .wouldBlock where !isWhole:
            reader.giveBack(&buffer)
            rest(slot)
        case .end where !isWhole:
            reader.giveBack(&buffer)
            endUnserved(slot)
        default: start(slot, buffer, .input)
        }
    }

    /// Lets a handler serve an event other than input.
    func deliver(_ slot: Slot, _ event: ConnectionHandler.Event) {
        if let handler = slot.handler {
            handler.object.deliver(event)
            return flushOnSuspend()
        }
        let buffer = reader.takeBuffer(for: slot)
        guard buffer.exists else { return event == .deadline ? waitForMemory(slot) : close(slot) }
        // There is no peer to send it to: to wait until it is sent would be to wait for the deadline.
        if event == .end { slot.output = nil }
        start(slot, buffer, event)
    }

    /// Lets a free handler serve what is in `buffer`, which begins with all that was kept of the slot's input.
    private func start(_ slot: Slot, _ buffer: consuming ReceiveBuffer, _ event: ConnectionHandler.Event) {
        slot.input = nil
        let free = pool.take(for: self)
        free.object.begin(slot, buffer, event)
        active = free
        if free.object.runAtOnce() {
            _ = keep(free.object)
        } else {
            free.object.runInTask()
        }
        flushOnSuspend()
    }

    /// Keeps a handler whose connection is done. Returns false if there are enough: then its task has to end.
    func keep(_ handler: ConnectionHandler) -> Bool { pool.keep(handler) }

    /// After a task has run: if it was a handler's, and it has suspended, its output goes out.
    @inline(__always)
    func flushOnSuspend() {
        guard let handler = active else { return }
        active = nil
        handler.object.flushOnSuspend()
    }

    /// The kernel has room again. Returns false if the connection is closed, or still waits.
    private func sendWaiting(_ slot: Slot) -> Bool {
        do throws(ConnectionError) {
            guard try writer.sendWaiting(slot) else {
                writer.awaitReading(slot)
                return false
            }
        } catch {
            failed(slot, error)
            return false
        }
        if let handler = slot.handler {
            handler.object.hasSent(slot)
            return slot.isOpen
        }
        if slot.phase.isEnding {
            end(slot, lingering: slot.phase == .flushingBeforeLinger)
            return false
        }
        if drain.isDraining && slot.isQuiet {
            serve(slot)
            return false
        }
        let managesLifetime = slot.flags.contains(.managesLifetime)
        worker.setDeadline(
            slot, after: managesLifetime ? idleTimeout(slot.protocolState, drainDelay) : settings.idleTimeout.rawValue)
        return true
    }

    /// Ends the connection. If a handler serves it, that is told why, and ends it.
    func failed(_ slot: Slot, _ error: ConnectionError) {
        guard let handler = slot.handler else { return close(slot) }
        handler.object.fail(error)
        flushOnSuspend()
    }

    // MARK: At rest

    /// No handler serves the connection from here on: it is watched, and its deadline is the protocol's or the
    /// writing's.
    func rest(_ slot: Slot) {
        if slot.output != nil { writer.awaitReading(slot) }
        if !slot.flags.contains(.watched) {
            watch(slot)
        } else if slot.flags.contains(.readable) && slot.output == nil {
            slot.flags.remove(.readable)
            worker.rearm(slot)
        } else {
            worker.update(slot)
        }
        guard drain.isDraining else { return }
        if slot.isQuiet {
            close(slot)
        } else if slot.phase == .fresh {
            worker.setDeadline(slot, after: Config.freshTimeout)
        }
    }

    /// New connections, and handlers that suspend before their connection was ever idle, come to the reactor here. If
    /// it has no room, the connection is at its end.
    func watch(_ slot: Slot) {
        // Whatever is there already is reported when the reactor hears of the descriptor.
        slot.flags.remove(.readable)
        do throws(Errno) {
            try worker.watch(slot)
        } catch {
            failed(slot, .broken)
        }
    }

    // MARK: Ending

    /// Closes the descriptor that ``close(_:)`` was called for. Its slot is not ours afterwards.
    @inline(__always)
    func finishClosing() {
        guard let slot = slotToClose else { return }
        slotToClose = nil
        slot.descriptor.close()
    }
}

/// Up to `Config.freeConnections` objects are kept. References to them are not counted, since that would cost a request
/// a dozen locked instructions; so one that is too many is freed when no code that may hold a reference runs.
///
///     ┌──────┐      take      ┌────────┐
///     │ free │ ─────────────▶ │ in use │ ◀─ made, if none is free
///     └──────┘ ◀───────────── └────────┘ ─────────────────────▶ dropped ─ the event's end ─▶ freed
///                  keep                keep: there are enough
struct HandlerPool: ~Copyable {
    private let make: (ConnectionLoop) -> ConnectionHandler
    private var free: ImmortalReference<ConnectionHandler>?
    private var freeCount = 0
    /// Objects of which there are too many.
    private var dropped: ImmortalReference<ConnectionHandler>?

    init(_ make: @escaping (ConnectionLoop) -> ConnectionHandler) { self.make = make }

    /// A free object. References to it are not counted, until ``freeDropped()``.
    @inline(__always)
    mutating func take(for loop: ConnectionLoop) -> ImmortalReference<ConnectionHandler> {
        guard let handler = free else { return makeOne(for: loop) }
        free = handler.object.nextFree
        freeCount -= 1
        return handler
    }

    @inline(never)
    private func makeOne(for loop: ConnectionLoop) -> ImmortalReference<ConnectionHandler> {
        let handler = make(loop)
        makeImmortal(handler)
        return ImmortalReference(handler)
    }

    /// Keeps an object whose connection is done. Returns false if there are enough: then its task has to end.
    mutating func keep(_ handler: ConnectionHandler) -> Bool {
        guard freeCount < Config.freeConnections else {
            handler.nextFree = dropped
            dropped = ImmortalReference(handler)
            return false
        }
        handler.nextFree = free
        free = ImmortalReference(handler)
        freeCount += 1
        return true
    }

    /// Frees the objects that were not kept, at the end of an event: no task and no function of the loop runs, or knows
    /// a connection.
    @inline(__always)
    mutating func freeDropped() {
        if dropped != nil { freeAll() }
    }

    @inline(never)
    private mutating func freeAll() {
        while let handler = dropped {
            dropped = handler.object.nextFree
            // SAFETY: its task has ended, and the free objects do not know it.
            unsafe handler.free()
        }
    }
}

// Sources/Net/ConnectionLoop.swift — one worker's connections: what is done when something happens to one of them.

import Bytes
import Linux
import Logging
import Primitives
import Runtime
import _Concurrency

/// All connections of one worker. Its own thread's alone.
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
    /// The loop that was made before this one.
    let previous: ConnectionLoop?
    var reader: SocketReader
    var writer: SocketWriter
    private var pool: HandlerPool
    var acceptance: AcceptLoop
    var drain = DrainController()
    /// The handler that runs, or has just run, and may have left something in the output.
    var active: ImmortalReference<ConnectionHandler>?
    /// A slot whose use has ended, and whose descriptor is closed when no function looks at it any more.
    private var slotToClose: Slot?

    /// Called on the worker's thread after ``requestReconfiguration()``; set before the worker runs.
    public var reconfigured: () -> Void = {}

    /// How long, in milliseconds, a connection that manages its lifetime may be silent once the peer has taken all that
    /// waited for it: by its protocol's state, and the time until it is to end, if the process does. Set before the
    /// worker runs.
    public var idleTimeout: (UInt32, Int?) -> Int = { _, _ in Config.idleTimeout }

    /// The loop of `worker`'s connections; sets it up as the worker's `DescriptorService`.
    ///
    /// - Parameters:
    ///   - previous: the loop that was made before, for ``forEach(_:)``; nil for the first.
    ///   - makeHandler: makes an object that serves connections, one after the other.
    /// - Throws: `.noMemory`, or what io_uring_setup(2) says.
    public init(
        _ worker: Worker, after previous: ConnectionLoop?, settings: ConnectionSettings,
        makeHandler: @escaping (ConnectionLoop) -> ConnectionHandler
    ) throws(Errno) {
        let batch = unsafe try TransferBatch.make?()
        self.worker = worker
        self.previous = previous
        self.settings = settings
        reader = SocketReader(worker, batch)
        writer = try SocketWriter(worker, batch, timeout: settings.writeTimeout.rawValue)
        pool = HandlerPool(makeHandler)
        acceptance = AcceptLoop(worker)
        makeImmortal(self)
        serveWorker(batch != nil)
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
            if slot.output != nil, !sendWaiting(slot) { return }
        }
        progress(slot)
    }

    /// Does what the slot's state allows now.
    private func progress(_ slot: Slot) {
        if let handler = slot.handler {
            if handler.object.canResume(slot) {
                handler.object.resume()
                flushOnSuspend()
            }
        } else if slot.output == nil, slot.flags.contains(.readable) {
            if slot.phase == .lingering { discard(slot) } else { serve(slot) }
        }
        if slot.isOpen { worker.update(slot) }
    }

    /// The descriptor will never be of use again. It is watched no more, or it would be reported for ever; it is closed
    /// when no handler serves it.
    private func broke(_ slot: Slot) {
        worker.reportRemoval(slot)
        guard slot.phase == .serving else { return endUnserved(slot) }
        worker.unwatch(slot)
        failed(slot, .broken)
    }

    func expired(_ slot: Slot) {
        if slot.phase == .listening { return acceptance.resume(slot) }
        if slot.phase.isWaitingForMemory { return serve(slot) }
        if slot.isReading { return writer.awaitReading(slot) }
        if slot.flags.contains(.managesLifetime) && slot.output == nil { return deliver(slot, .deadline) }
        worker.metrics.timeouts.add()
        if slot.phase == .serving {
            failed(slot, .timedOut)
        } else if slot.output == nil && slot.input != nil && !slot.phase.isEnding {
            deliver(slot, .deadline)
        } else {
            Log.write(.close, level: .debug) { line in
                line.append(" fd=", Int(slot.descriptor.rawValue))
                line.append(" reason=timeout")
            }
            endUnserved(slot)
        }
    }

    /// A connection that was just accepted. Its request is often there already, so that is tried first.
    func adopt(_ slot: Slot) {
        worker.metrics.connectionsAccepted.add()
        worker.metrics.connectionsOpen.add()
        slot.transition(to: .fresh)
        slot.flags.formUnion([.readable, .writable])
        worker.setDeadline(slot, after: settings.firstTimeout.rawValue)
        serve(slot)
        // Its handler may wait for more before the connection was ever idle.
        if slot.isOpen && !slot.flags.contains(.watched) { watch(slot) }
        finishClosing()
    }

    /// Ends an event: no task and no function of this loop runs, or knows a connection.
    @inline(__always)
    func finishEvent() {
        if let slot = reader.keepReceived() { close(slot) }
        finishClosing()
        pool.freeDropped()
    }

    // MARK: Serving

    /// Receives, and has a handler deal with what came.
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

    /// Has a handler deal with something else than input.
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

    /// Has a free handler deal with what is in `buffer`, which begins with all that was kept of the slot's input.
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
            // A handler that waits for something else has no deadline; one that waits for the peer has.
            if handler.object.awaited == .nothing { worker.clearDeadline(slot) }
            return true
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
    private func failed(_ slot: Slot, _ error: ConnectionError) {
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

    /// Sets whether the protocol is told of the connection's deadline, drain and end.
    func manageLifetime(_ slot: Slot, _ managesLifetime: Bool) {
        guard slot.flags.contains(.managesLifetime) != managesLifetime else { return }
        slot.flags.formSymmetricDifference(.managesLifetime)
        worker.metrics.webSocketsOpen.add(managesLifetime ? 1 : -1)
    }

    /// The heap's limit is reached: the bytes stay in the kernel, and are tried again.
    private func waitForMemory(_ slot: Slot) {
        if !slot.flags.contains(.watched) {
            watch(slot)
            guard slot.isOpen else { return }
        }
        if !slot.phase.isWaitingForMemory {
            slot.transition(to: slot.phase == .fresh ? .freshWaitingForMemory : .waitingForMemory)
        }
        worker.setDeadline(slot, after: Config.acceptRetryTime)
    }

    /// New connections, and handlers that suspend before their connection was ever idle, come to the reactor here. If
    /// it has no room, the connection is at its end.
    private func watch(_ slot: Slot) {
        // Whatever is there already is reported when the reactor hears of the descriptor.
        slot.flags.remove(.readable)
        do throws(Errno) {
            try worker.watch(slot)
        } catch {
            failed(slot, .broken)
        }
    }

    // MARK: Ending

    /// Closes a connection that no handler serves; one that manages its lifetime when it was told of its end.
    private func endUnserved(_ slot: Slot) {
        if slot.flags.contains(.managesLifetime), !slot.phase.isEnding {
            deliver(slot, .end)
        } else {
            close(slot)
        }
    }

    /// Ends the connection when its output is sent.
    func end(_ slot: Slot, lingering: Bool) {
        if slot.flags.contains(.batched) { writer.sendBatch() }
        slot.input = nil
        if slot.output != nil {
            slot.transition(to: lingering ? .flushingBeforeLinger : .flushing)
            rest(slot)
        } else if lingering {
            linger(slot)
        } else {
            close(slot)
        }
    }

    /// All is sent: the peer is told that there is no more, and has some time to end its direction too.
    private func linger(_ slot: Slot) {
        slot.transition(to: .lingering)
        do throws(Errno) {
            try slot.descriptor.shutdownSending()
        } catch {
            return close(slot)
        }
        worker.setDeadline(slot, after: settings.lingerTimeout.rawValue)
        if slot.flags.contains(.readable) { discard(slot) }
        if slot.isOpen, !slot.flags.contains(.watched) { watch(slot) }
    }

    /// Throws away what the peer sends, until it ends.
    private func discard(_ slot: Slot) {
        do throws(ConnectionError) {
            switch try reader.discard(slot) {
            case .end: close(slot)
            case .wouldBlock: break
            case .bytes: rest(slot)
            }
        } catch {
            close(slot)
        }
    }

    /// Ends the connection, which no handler serves. The descriptor itself is closed when the event or the task that
    /// led here is over: until then the slot is still ours, and says that it is not open.
    func close(_ slot: Slot) {
        if slot.flags.contains(.batched) { writer.sendBatch() }
        slot.input = nil
        slot.output = nil
        manageLifetime(slot, false)
        worker.forget(slot)
        finishClosing()
        slotToClose = slot
        worker.metrics.connectionsOpen.add(-1)
        if drain.isDraining { stopIfDrained() }
    }

    /// Closes the descriptor that ``close(_:)`` was called for. Its slot is not ours afterwards.
    @inline(__always)
    private func finishClosing() {
        guard let slot = slotToClose else { return }
        slotToClose = nil
        slot.descriptor.close()
    }
}

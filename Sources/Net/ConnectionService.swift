// Sources/Net/ConnectionService.swift — one worker's connections: who is served when, and what becomes of the rest.

import Bytes
import Linux
import Primitives
import Runtime
import Synchronization
import _Concurrency

/// All connections of one worker. Its own thread's alone.
///
/// It gives a connection that has bytes to a free ``ConnectionHandler`` object, whose task serves it. Everything that
/// can happen to a connection while nobody serves it happens here.
@safe public final class ConnectionService {
    /// The worker whose connections these are.
    public let worker: Worker
    private(set) var settings: ConnectionSettings
    /// The service that was made before this one. Services are never freed.
    private let previous: Unmanaged<ConnectionService>?
    let makeConnection: (ConnectionService) -> ConnectionHandler
    /// What the running connection has written and not sent. Empty between two tasks.
    var output: ByteWriter
    /// Where it begins when no batch waits.
    let outputStart: UnsafeMutablePointer<UInt8>
    /// What of it lies elsewhere.
    var gatherList: GatherList
    /// What was written and waits for other connections' output, and what was received for events that are served next;
    /// nil: each transfer is a system call of its own.
    let batch: TransferBatch?
    /// The slot whose event is served, if something was received for it that nobody has taken yet.
    var receivedAhead: Slot?
    /// The connection that runs, or has just run, and may have left something in `output`.
    var active: Unmanaged<ConnectionHandler>?
    /// Whether the process is ending.
    var isDraining = false
    /// When the last attended connection is to be told so, in ms of the worker's clock.
    var spreadEnd: UInt64 = 0
    /// How many services have not been told to stop accepting.
    static let accepting = Atomic<Int>(0)
    /// The sockets that this worker accepts from.
    var listeners: Listeners
    var admission = Admission()
    var freeConnections: Unmanaged<ConnectionHandler>?
    var freeCount = 0
    /// Objects of which there are too many.
    var dropped: Unmanaged<ConnectionHandler>?
    var buffers = BufferPool()
    /// A slot whose use has ended, and whose descriptor is closed when nobody looks at it any more.
    var slotToClose: Slot?

    /// The service of `worker`'s connections; sets it up as the worker's `DescriptorService`.
    ///
    /// - Parameters:
    ///   - previous: the service that was made before, for ``forEach(_:)``; nil for the first.
    ///   - makeConnection: makes an object that serves connections, one after the other.
    public init(
        _ worker: Worker, after previous: ConnectionService?, settings: ConnectionSettings,
        makeConnection: @escaping (ConnectionService) -> ConnectionHandler
    ) throws(Errno) {
        self.worker = worker
        unsafe self.previous = previous.map { unsafe Unmanaged.passUnretained($0) }
        self.settings = settings
        self.makeConnection = makeConnection
        let size = Config.sendBufferSize + Config.sendBatchSize
        unsafe outputStart = try Memory.map(size).assumingMemoryBound(to: UInt8.self)
        // SAFETY: the mapping is kept for the process's life, as is the service.
        unsafe output = ByteWriter(unsafeBase: outputStart, capacity: Config.sendBufferSize)
        batch = unsafe try TransferBatch.make?()
        gatherList = try GatherList()
        listeners = Listeners()
        makeImmortal(self)
        worker.service.ready = { slot, readiness in
            self.lookForReceived(slot)
            self.ready(slot, readiness)
            self.finishEvent()
        }
        if let batch {
            worker.service.expected = { slot, readiness, position in
                self.expect(slot, readiness, at: position)
            }
            worker.service.gathered = { self.submit(batch) }
        }
        worker.service.expired = { slot in
            self.expired(slot)
            self.finishEvent()
        }
        worker.service.adopted = { slot in
            self.adopt(slot)
            Admission.arrived()
            self.finishEvent()
        }
        worker.service.ran = {
            self.flushOnSuspend()
            self.finishEvent()
        }
        worker.service.rested = { self.giveMemoryBack() }
        worker.service.received = { message in self.handle(message) }
        Self.accepting.add(1, ordering: .relaxed)
    }

    /// Calls `body` for this service and for all that were made before it.
    public func forEach<Failure: Error>(_ body: (ConnectionService) throws(Failure) -> Void) throws(Failure) {
        var next = unsafe Optional(Unmanaged.passUnretained(self))
        while let current = unsafe next {
            // SAFETY: services are never freed.
            let service = unsafe current._withUnsafeGuaranteedRef { $0 }
            try body(service)
            unsafe next = service.previous
        }
    }

    /// Called on the worker's thread after ``requestReconfiguration()``; set before the worker runs.
    public var reconfigured: () -> Void = {}

    /// How long, in milliseconds, an attended connection may be silent once the peer has taken all that waited for it:
    /// by its protocol's word, and the time until it is to end, if the process does. Set before the worker runs.
    public var idleTimeout: (UInt32, Int?) -> Int = { _, _ in Config.idleTimeout }

    /// Has other times and limits from now on, for deadlines that are yet to be set. The worker's thread only.
    public func change(_ settings: ConnectionSettings) { self.settings = settings }

    // MARK: Events

    func ready(_ slot: Slot, _ readiness: Readiness) {
        if slot.phase == .listening { return accept(slot) }
        var troubles: Readiness = [.error, .hangUp, .notOpen]
        // Both directions have ended: but what the peer sent before is still thrown away first.
        if slot.phase == .lingering { troubles.remove(.hangUp) }
        let isBroken = slot.flags.contains(.unsendable)
        if isBroken || !readiness.isDisjoint(with: troubles) { return broke(slot, readiness) }
        if readiness.contains(.readable) { slot.flags.insert(.readable) }
        if readiness.contains(.peerClosed) { slot.flags.formUnion([.readable, .peerClosed]) }
        if readiness.contains(.writable) {
            slot.flags.insert(.writable)
            if slot.output != nil, !sendWaiting(slot) { return }
        }
        progress(slot)
    }

    /// Does what the slot's state allows now.
    func progress(_ slot: Slot) {
        if let handler = slot.handler {
            let connection = handler.object
            let hasInput = slot.flags.contains(.readable)
            if connection.awaited == .forInput && hasInput || connection.awaited == .forOutput && slot.output == nil {
                connection.resume()
                flushOnSuspend()
            }
        } else if slot.output == nil, slot.flags.contains(.readable) {
            if slot.phase == .lingering { discard(slot) } else { serve(slot) }
        }
        if slot.isOpen { worker.update(slot) }
    }

    /// The descriptor will never be of use again. It is watched no more, or it would be reported for ever; it is closed
    /// when nobody serves it.
    func broke(_ slot: Slot, _ readiness: Readiness) {
        worker.reportRemoval(slot)
        guard slot.phase == .serving else { return endUnserved(slot) }
        worker.unwatch(slot)
        failed(slot, .broken)
    }

    func expired(_ slot: Slot) {
        if slot.phase == .listening { return resumeAccepting(slot) }
        if slot.phase.isWaitingForMemory { return serve(slot) }
        if isReading(slot) { return awaitReading(slot) }
        if slot.flags.contains(.managesLifetime) && slot.output == nil {
            return deliver(slot, .deadline)
        }
        worker.metrics.timeouts.add()
        if slot.phase == .serving {
            failed(slot, .timedOut)
        } else if slot.output == nil && slot.input != nil
            && !slot.phase.isEnding
        {
            deliver(slot, .deadline)
        } else {
            report(slot, "timeout")
            endUnserved(slot)
        }
    }

    /// A connection that was just accepted. Its request is often there already, so that is tried first.
    func adopt(_ slot: Slot) {
        worker.metrics.connectionsAccepted.add()
        worker.metrics.connectionsOpen.add()
        slot.transition(to: .fresh)
        slot.flags.formUnion([.readable, .writable])
        setDeadline(slot, after: settings.firstTimeout)
        serve(slot)
        // Its handler may wait for more before the connection was ever idle.
        if slot.isOpen && !slot.flags.contains(.watched) { watch(slot) }
        finishClosing()
    }

    // MARK: Serving

    /// Receives, and has a connection object deal with what came.
    func serve(_ slot: Slot) {
        guard let buffer = unsafe takeBuffer() else {
            return waitForMemory(slot)
        }
        // Whether the deadline came or an event: nobody waits for memory any more. Whole requests may.
        let wasPaused = slot.phase.isWaitingForMemory
        if wasPaused {
            slot.transition(to: slot.phase == .waitingForMemory ? .idle : .fresh)
            setDeadline(slot, after: settings.firstTimeout)
        }
        let kept = unsafe copyRest(of: slot, to: buffer)
        var found = Received.end
        do throws(ConnectionError) {
            found = unsafe try receive(slot, into: buffer + kept, room: Config.receiveBufferSize - kept)
        } catch {
            // Broken is ended.
        }
        switch found {
        case .bytes(let count):
            dropRest(of: slot)
            return unsafe start(slot, buffer, kept + count, .input)
        case .wouldBlock where wasPaused && kept > 0:
            dropRest(of: slot)
            return unsafe start(slot, buffer, kept, .input)
        case .end where wasPaused && kept > 0:
            // The end is found once more, behind what is served first.
            slot.flags.formUnion([.readable, .peerClosed])
            dropRest(of: slot)
            return unsafe start(slot, buffer, kept, .input)
        case .wouldBlock:
            unsafe buffers.giveBack(buffer)
            idle(slot)
        case .end:
            unsafe buffers.giveBack(buffer)
            endUnserved(slot)
        }
    }

    /// Closes a connection that nobody serves; an attended one when it was told of its end.
    private func endUnserved(_ slot: Slot) {
        if slot.flags.contains(.managesLifetime), !slot.phase.isEnding {
            deliver(slot, .end)
        } else {
            close(slot)
        }
    }

    /// Has a connection object deal with something else than input.
    func deliver(_ slot: Slot, _ event: ConnectionHandler.Event) {
        if let handler = slot.handler {
            handler.object.deliver(event)
            return flushOnSuspend()
        }
        guard let buffer = unsafe takeBuffer() else {
            return event == .deadline ? waitForMemory(slot) : close(slot)
        }
        // There is nobody to send it to: to wait until it is sent would be to wait for the deadline.
        if event == .end { dropWaiting(of: slot) }
        let kept = unsafe copyRest(of: slot, to: buffer)
        dropRest(of: slot)
        unsafe start(slot, buffer, kept, event)
    }

    /// Has a free connection object deal with `count` bytes in `buffer`.
    @inline(__always)
    func start(
        _ slot: Slot, _ buffer: UnsafeMutablePointer<UInt8>, _ count: Int, _ event: ConnectionHandler.Event
    ) {
        let free = unsafe takeConnection()
        unsafe free._withUnsafeGuaranteedRef { connection in
            unsafe connection.begin(slot, buffer, count, event)
            if connection.runAtOnce() {
                keep(connection)
            } else {
                connection.runInTask()
            }
        }
        flushOnSuspend()
    }

    /// After a task has run: if it was a connection's, and it has suspended, its output goes out.
    @inline(__always)
    func flushOnSuspend() {
        guard let connection = unsafe active else { return }
        unsafe active = nil
        unsafe connection._withUnsafeGuaranteedRef { $0.flushOnSuspend() }
    }

    /// Has the slot's connection, or listener, time out `milliseconds` from now.
    @inline(never)
    func setDeadline(_ slot: Slot, after milliseconds: Int) {
        worker.setDeadline(slot, after: milliseconds)
    }
}

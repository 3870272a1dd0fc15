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
    var receivedAhead: SlotPointer?
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
    var slotToClose: SlotPointer?

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
        unsafe worker.service.ready = { slot, readiness in
            unsafe self.lookForReceived(slot)
            unsafe self.ready(slot, readiness)
            self.finishEvent()
        }
        if let batch {
            unsafe worker.service.expected = { slot, readiness, position in
                unsafe self.expect(slot, readiness, at: position)
            }
            worker.service.gathered = { self.submit(batch) }
        }
        unsafe worker.service.expired = { slot in
            unsafe self.expired(slot)
            self.finishEvent()
        }
        unsafe worker.service.adopted = { slot in
            unsafe self.adopt(slot)
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

    func ready(_ slot: SlotPointer, _ readiness: Readiness) {
        if unsafe slot.pointee.state.contains(.listener) { return unsafe accept(slot) }
        var troubles: Readiness = [.error, .hangUp, .notOpen]
        // Both directions have ended: but what the peer sent before is still thrown away first.
        if unsafe slot.pointee.state.contains(.lingering) && slot.pointee.output == nil { troubles.remove(.hangUp) }
        let isBroken = unsafe slot.pointee.state.contains(.unsendable)
        if isBroken || !readiness.isDisjoint(with: troubles) { return unsafe broke(slot, readiness) }
        if readiness.contains(.readable) { unsafe slot.pointee.state.insert(.readable) }
        if readiness.contains(.peerClosed) { unsafe slot.pointee.state.formUnion([.readable, .peerClosed]) }
        if readiness.contains(.writable) {
            unsafe slot.pointee.state.insert(.writable)
            if unsafe slot.pointee.output != nil, unsafe !sendWaiting(slot) { return }
        }
        unsafe progress(slot)
    }

    /// Does what the slot's state allows now.
    func progress(_ slot: SlotPointer) {
        if let server = unsafe server(of: slot) {
            unsafe server._withUnsafeGuaranteedRef { connection in
                let hasInput = unsafe slot.pointee.state.contains(.readable)
                let hasOutput = unsafe slot.pointee.output != nil
                if connection.awaited == .forInput && hasInput || connection.awaited == .forOutput && !hasOutput {
                    connection.resume()
                    flushOnSuspend()
                }
            }
        } else if unsafe slot.pointee.output == nil, unsafe slot.pointee.state.contains(.readable) {
            if unsafe slot.pointee.state.contains(.lingering) { unsafe discard(slot) } else { unsafe serve(slot) }
        }
        if unsafe slot.pointee.state.contains(.open) { unsafe worker.update(slot) }
    }

    /// The descriptor will never be of use again. It is watched no more, or it would be reported for ever; it is closed
    /// when nobody serves it.
    func broke(_ slot: SlotPointer, _ readiness: Readiness) {
        unsafe worker.reportRemoval(slot)
        guard unsafe slot.pointee.server != nil else { return unsafe endUnserved(slot) }
        unsafe worker.unwatch(slot)
        unsafe failed(slot, .broken)
    }

    func expired(_ slot: SlotPointer) {
        if unsafe slot.pointee.state.contains(.listener) { return unsafe resumeAccepting(slot) }
        if unsafe slot.pointee.state.contains(.paused) { return unsafe serve(slot) }
        if unsafe isReading(slot) { return unsafe awaitReading(slot) }
        if unsafe slot.pointee.state.contains(.managesLifetime) && slot.pointee.output == nil {
            return unsafe deliver(slot, .deadline)
        }
        worker.metrics.timeouts.add()
        if unsafe slot.pointee.server != nil {
            unsafe failed(slot, .timedOut)
        } else if unsafe slot.pointee.output == nil && slot.pointee.input != nil
            && !slot.pointee.state.contains(.closing)
        {
            unsafe deliver(slot, .deadline)
        } else {
            unsafe report(slot, "timeout")
            unsafe endUnserved(slot)
        }
    }

    /// A connection that was just accepted. Its request is often there already, so that is tried first.
    func adopt(_ slot: SlotPointer) {
        worker.metrics.connectionsAccepted.add()
        worker.metrics.connectionsOpen.add()
        unsafe slot.pointee.state.formUnion([.connection, .fresh, .readable, .writable])
        unsafe setDeadline(slot, after: settings.firstTimeout)
        unsafe serve(slot)
        // Its handler may wait for more before the connection was ever idle.
        if unsafe slot.pointee.state.contains(.open) && !slot.pointee.state.contains(.registered) { unsafe watch(slot) }
        finishClosing()
    }

    // MARK: Serving

    func server(of slot: SlotPointer) -> Unmanaged<ConnectionHandler>? {
        guard let pointer = unsafe slot.pointee.server else { return nil }
        // SAFETY: a connection object takes itself out of the slot before it ends.
        return unsafe Unmanaged.fromOpaque(pointer)
    }

    /// Receives, and has a connection object deal with what came.
    func serve(_ slot: SlotPointer) {
        guard let buffer = unsafe takeBuffer() else {
            return unsafe waitForMemory(slot)
        }
        // Whether the deadline came or an event: nobody waits for memory any more. Whole requests may.
        let wasPaused = unsafe slot.pointee.state.contains(.paused)
        if wasPaused {
            unsafe slot.pointee.state.remove(.paused)
            unsafe setDeadline(slot, after: settings.firstTimeout)
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
            unsafe dropRest(of: slot)
            return unsafe start(slot, buffer, kept + count, .input)
        case .wouldBlock where wasPaused && kept > 0:
            unsafe dropRest(of: slot)
            return unsafe start(slot, buffer, kept, .input)
        case .end where wasPaused && kept > 0:
            // The end is found once more, behind what is served first.
            unsafe slot.pointee.state.formUnion([.readable, .peerClosed])
            unsafe dropRest(of: slot)
            return unsafe start(slot, buffer, kept, .input)
        case .wouldBlock:
            unsafe buffers.giveBack(buffer)
            unsafe idle(slot)
        case .end:
            unsafe buffers.giveBack(buffer)
            unsafe endUnserved(slot)
        }
    }

    /// Closes a connection that nobody serves; an attended one when it was told of its end.
    private func endUnserved(_ slot: SlotPointer) {
        if unsafe slot.pointee.state.contains(.managesLifetime) {
            unsafe deliver(slot, .end)
        } else {
            unsafe close(slot)
        }
    }

    /// Has a connection object deal with something else than input.
    func deliver(_ slot: SlotPointer, _ event: ConnectionHandler.Event) {
        if let server = unsafe server(of: slot) {
            unsafe server._withUnsafeGuaranteedRef { $0.deliver(event) }
            return flushOnSuspend()
        }
        guard let buffer = unsafe takeBuffer() else {
            return unsafe event == .deadline ? waitForMemory(slot) : close(slot)
        }
        // There is nobody to send it to: to wait until it is sent would be to wait for the deadline.
        if event == .end { unsafe dropWaiting(of: slot) }
        let kept = unsafe copyRest(of: slot, to: buffer)
        unsafe dropRest(of: slot)
        unsafe start(slot, buffer, kept, event)
    }

    /// Has a free connection object deal with `count` bytes in `buffer`.
    @inline(__always)
    func start(
        _ slot: SlotPointer, _ buffer: UnsafeMutablePointer<UInt8>, _ count: Int, _ event: ConnectionHandler.Event
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
    func setDeadline(_ slot: SlotPointer, after milliseconds: Int) {
        unsafe worker.setDeadline(slot, after: milliseconds)
    }
}

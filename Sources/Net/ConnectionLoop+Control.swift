// Sources/Net/ConnectionLoop+Control.swift — setting up, accepting, messages, the drain.
// A file of its own since none of it is on the way of a request.

import Bytes
import Linux
import Primitives
import Runtime

extension ConnectionLoop {
    // MARK: Setting up

    /// Has the worker call this loop.
    func serveWorker(_ hasBatch: Bool) {
        worker.service.ready = { slot, readiness in
            self.reader.lookForReceived(slot)
            self.ready(slot, readiness)
            self.finishEvent()
        }
        if hasBatch {
            worker.service.expected = { slot, readiness, position in
                self.reader.expect(slot, readiness, at: position)
            }
            worker.service.gathered = { self.writer.submit() }
        }
        worker.service.rested = {
            self.reader.giveMemoryBack()
            self.writer.giveMemoryBack()
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
        worker.service.received = { message in self.handle(message) }
    }

    /// Calls `body` for this loop and for all that were made before it.
    public func forEach<Failure: Error>(_ body: (ConnectionLoop) throws(Failure) -> Void) throws(Failure) {
        var next = Optional(self)
        while let loop = next {
            try body(loop)
            next = loop.previous
        }
    }

    /// Takes other times and limits, for deadlines that are yet to be set. The worker's thread only.
    public func change(_ settings: ConnectionSettings) {
        self.settings = settings
        writer.timeout = settings.writeTimeout.rawValue
    }

    /// Accepts from `listener` on this worker, beside other workers that may do the same. Before the worker runs.
    ///
    /// - Throws: what dup(2) and the reactor say.
    public func accept(from listener: Listener) throws(Errno) { try acceptance.add(listener) }

    // MARK: Accepting

    /// A listener is ready: it is reported again if more connections come meanwhile.
    func accept(_ listener: Slot) {
        let waiting = listener.descriptor.waitingConnections() ?? Config.acceptsPerTurn
        accept(listener, atMost: Swift.min(waiting, Config.acceptsPerTurn))
    }

    private func accept(_ listener: Slot, atMost most: Int) {
        for _ in 0..<most {
            switch acceptance.next(from: listener) {
            case .mine(let slot): adopt(slot)
            case .handedOver: break
            case .none: return
            }
        }
    }

    // MARK: Draining

    /// Drains all workers' connections. Any thread, once for each loop.
    public func requestDrain() { LoopMessage.stopAccepting.send(to: worker) }

    /// Calls ``reconfigured`` on the worker's thread. Any thread.
    public func requestReconfiguration() { LoopMessage.reconfigure.send(to: worker) }

    /// Whether the process is ending.
    var isDraining: Bool { drain.isDraining }

    /// Milliseconds until connections that manage their lifetimes are to end; nil if the process does not.
    var drainDelay: Int? { drain.delay(at: worker.now) }

    /// Does what another thread has asked for.
    private func handle(_ message: UInt) {
        switch LoopMessage(rawValue: message) {
        case .reconfigure: reconfigured()
        case .stopAccepting: stopAccepting()
        case .drain: beginDrain()
        case .none: break
        }
    }

    /// Accepts what waits in the kernel's queue, but no more than fits into it: others come as fast as these are
    /// served. Then never again.
    private func stopAccepting() {
        while let listener = acceptance.removeLast() {
            accept(listener, atMost: Config.listenBacklog)
            acceptance.close(listener)
        }
        drain.stopAccepting()
    }

    /// Closes idle connections, and stops the worker when the last one is done.
    private func beginDrain() {
        drain.begin(
            now: worker.now, spreading: worker.metrics.webSocketsOpen.value, over: settings.closeSpread.rawValue)
        DescriptorTable.forEachOpen(of: worker) { slot in
            switch drain.step(for: slot) {
            case .tell: deliver(slot, .draining)
            case .wait(let delay): worker.setDeadline(slot, after: delay)
            case .serve: serve(slot)
            case .leave: break
            }
        }
        finishEvent()
        stopIfDrained()
    }

    func stopIfDrained() {
        if worker.metrics.connectionsOpen.value == 0 { worker.stop() }
    }
}

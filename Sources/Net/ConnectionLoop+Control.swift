// Sources/Net/ConnectionLoop+Control.swift — beginnings and ends of connections, deadlines, messages, the drain.
// A file of its own since none of it is on the way of a request.

import Bytes
import Linux
import Logging
import Primitives
import Runtime

extension ConnectionLoop {
    // MARK: Setting up

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
            switch acceptance.next(from: listener, for: self) {
            case .mine(let slot): adopt(slot)
            case .handedOver: break
            case .none: return
            }
        }
    }

    /// A connection that was just accepted. Its request is often there already, so that is tried first.
    func adopt(_ slot: Slot) {
        metrics.accepted.add()
        openCount.add()
        slot.transition(to: .fresh)
        slot.flags.formUnion([.readable, .writable])
        worker.setDeadline(slot, after: settings.firstTimeout.rawValue)
        serve(slot)
        // Its handler may wait for more before the connection was ever idle.
        if slot.isOpen && !slot.flags.contains(.watched) { watch(slot) }
        finishClosing()
    }

    // MARK: Troubles

    /// The descriptor will never be of use again. It is watched no more, or it would be reported for ever; it is closed
    /// when no handler serves it.
    func broke(_ slot: Slot) {
        worker.reportRemoval(slot)
        guard slot.phase == .serving else { return endUnserved(slot) }
        worker.unwatch(slot)
        failed(slot, .broken)
    }

    func expired(_ slot: Slot) {
        if slot.phase == .listening { return acceptance.resume(slot) }
        if slot.phase.isWaitingForMemory { return serve(slot) }
        if slot.isReading, slot.handler?.object.isOverdue != true { return writer.awaitReading(slot) }
        if slot.flags.contains(.managesLifetime), slot.output == nil, slot.handler?.object.awaited != .nothing {
            return deliver(slot, .deadline)
        }
        metrics.timeouts.add()
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

    /// The heap's limit is reached: the bytes stay in the kernel, and are tried again.
    func waitForMemory(_ slot: Slot) {
        if !slot.flags.contains(.watched) {
            watch(slot)
            guard slot.isOpen else { return }
        }
        if !slot.phase.isWaitingForMemory {
            slot.transition(to: slot.phase == .fresh ? .freshWaitingForMemory : .waitingForMemory)
        }
        worker.setDeadline(slot, after: Config.acceptRetryTime)
    }

    /// Sets whether the protocol is told of the connection's deadline, drain and end.
    func manageLifetime(_ slot: Slot, _ managesLifetime: Bool) {
        guard slot.flags.contains(.managesLifetime) != managesLifetime else { return }
        slot.flags.formSymmetricDifference(.managesLifetime)
        managedCount.add(managesLifetime ? 1 : -1)
    }

    // MARK: Ending

    /// Closes a connection that no handler serves; one that manages its lifetime when it was told of its end.
    func endUnserved(_ slot: Slot) {
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
    func discard(_ slot: Slot) {
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
        if slot.flags.contains(.addressed) { post?.ended(slot) }
        manageLifetime(slot, false)
        worker.forget(slot)
        finishClosing()
        slotToClose = slot
        openCount.add(-1)
        if drain.isDraining { endIfDrained() }
    }

    // MARK: Draining

    /// Drains all workers' connections. Any thread, once for each loop.
    public func requestDrain() { LoopMessage.stopAccepting.send(to: worker) }

    /// Calls ``reconfigured`` on the worker's thread. Any thread.
    public func requestReconfiguration() { LoopMessage.reconfigure.send(to: worker) }

    /// Does what another thread has asked for.
    func handle(_ message: UInt) {
        switch LoopMessage(rawValue: message) {
        case .reconfigure: reconfigured()
        case .stopAccepting: stopAccepting()
        case .drain: beginDrain()
        case .stop: worker.stop()
        case .none: post?.received(message)
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
            now: worker.now, spreading: managedCount.value, over: settings.closeSpread.rawValue)
        DescriptorTable.forEachOpen(of: worker) { slot in
            switch drain.step(for: slot) {
            case .tell: deliver(slot, .draining)
            case .wait(let delay): worker.setDeadline(slot, after: delay)
            case .serve: serve(slot)
            case .leave: break
            }
        }
        finishEvent()
        endIfDrained()
    }

    private func endIfDrained() {
        if openCount.value == 0 { drain.end() }
    }
}

// Sources/Net/ConnectionHandler+Serving.swift — the life of a connection object's task.

import Bytes
import Primitives
import Runtime
import _Concurrency

extension ConnectionHandler {
    /// Serves the connection as far as no task is needed for it.
    ///
    /// - Returns: whether it is idle or closed again, and this object is free.
    @inline(__always)
    func runAtOnce() -> Bool {
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

    /// Has the task serve the connection. It is made when it is first needed.
    func runInTask() {
        guard unsafe continuation == nil else { return resume() }
        service.sendBatch()
        // SHARED: the task runs on this worker, like everything that touches the object.
        nonisolated(unsafe) let object = self
        worker.runNow(ImmediateTask.make { unsafe await object.run() })
    }

    /// Is to serve the connection of `slot`: `count` bytes are in `buffer`.
    func begin(_ slot: Slot, _ buffer: UnsafeMutablePointer<UInt8>, _ count: Int, _ event: Event) {
        self.slot = slot
        unsafe self.buffer = buffer
        let this = unsafe Unmanaged.passUnretained(self)
        slot.handler = ImmortalReference(self)
        slot.transition(to: .serving)
        unsafe service.active = this
        start = 0
        end = count
        fullReads = 0
        self.event = event
        if event == .end { peerHasEnded = true }
    }

    /// After the handler returned: sends the output, and says whether there is input to call it for again.
    ///
    /// - Parameter mayWait: as for ``sendNow(mayWait:)``.
    func shouldContinue(mayWait: Bool) -> Bool {
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
    func release() {
        guard let slot = slot else { return }
        slot.handler = nil
        if failure == nil && closing == nil && !peerHasEnded { keepRest(slot) }
        if failure != nil {
            service.dropOutput()
            service.close(slot)
        } else if closing != nil || peerHasEnded {
            service.end(slot, lingering: closing == .lingering && !peerHasEnded)
        } else {
            slot.transition(to: .idle)
            service.idle(slot)
        }
        unsafe service.giveBack(&buffer)
        self.slot = nil
        unsafe service.active = nil
        failure = nil
        closing = nil
        peerHasEnded = false
    }

    /// Keeps the input that nobody consumed with the slot.
    func keepRest(_ slot: Slot) {
        guard end > start else { return }
        slot.input = ByteBlock(copying: input)
        if slot.input == nil { failure = .outOfMemory }
    }

    func waitForConnection() async -> Bool {
        guard service.keep(self) else { return false }
        await suspend(.forConnection)
        return true
    }

    // MARK: Suspending

    @inline(never)
    func suspend(_ wait: Wait) async {
        awaited = wait
        unsafe await withUnsafeContinuation { continuation in unsafe self.continuation = continuation }
        awaited = .nothing
    }

    /// Goes on with the task, which waits for this. Called by the loop.
    @inline(__always)
    func resume() {
        guard let continuation = unsafe continuation else { return }
        service.sendBatch()
        unsafe self.continuation = nil
        unsafe worker.runNow(Job(continuation))
    }

    /// The connection broke or timed out while its handler is suspended.
    func fail(_ error: ConnectionError) {
        failure = failure ?? error
        if awaited == .forInput || awaited == .forOutput { resume() }
    }

    /// Something happened to an attended connection while its handler is suspended.
    func deliver(_ event: Event) {
        guard awaited == .forInput else { return }
        self.event = event
        resume()
    }
}

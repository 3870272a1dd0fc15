// Sources/Net/ConnectionHandler+Lifetime.swift — deadlines, and what ends while a handler is suspended.
// A file of its own since little of it is on the way of a request that is answered at once.

import Bytes
import Linux
import Primitives
import Runtime
import _Concurrency

/// What a handler still knows of a connection that ended before the handler did: what it writes goes nowhere.
struct LostConnection {
    var descriptor = FileDescriptor(rawValue: -1)
    var protocolState: UInt32 = 0
    var managesLifetime = false
}

// A handler that is suspended on anything learns by cancellation that it works for nothing:
//
//     the peer has ended its direction ─▶ cancelled; the connection stays, as the peer may be reading (RFC 9112 §9.6),
//                                         but no longer than `lingerTimeout` where nothing is sent to it. If bytes are
//                                         unread, the handler is cancelled after that time only
//     the connection is broken         ─▶ the descriptor is closed, then cancelled: to write throws
//     its time has passed              ─▶ the last response is sent, or the connection closed, then cancelled
//
// A task that was cancelled stays so. It serves its connection to the end, and ends then itself.
extension ConnectionHandler {
    // MARK: Called by protocols

    /// Whether a connection that manages its lifetime must end now, because the process ends.
    public final var isDrainDue: Bool { drainDelay == 0 }

    /// Milliseconds until ``isDrainDue``; nil if the process does not end.
    public final var drainDelay: Int? { loop.drainDelay }

    /// Whether the protocol is told of the connection's deadline, drain and end by a call of ``serve()``, or by
    /// ``wait()``; false at first. Otherwise a silent connection is just closed when its deadline passes.
    public final var managesLifetime: Bool {
        get { slot?.flags.contains(.managesLifetime) ?? lost.managesLifetime }
        set { if let slot { loop.manageLifetime(slot, newValue) } else { lost.managesLifetime = newValue } }
    }

    /// Why the handler was called; `.input` the next time.
    public final func takeEvent() -> Event {
        defer { event = .input }
        return event
    }

    /// Lets the handler that is called next take up to `milliseconds` from now; 0: any time. The connection has no
    /// other deadline meanwhile. Cost: two stores; a timer is set when the handler suspends.
    public final func limitTime(to milliseconds: Int) {
        clearDeadline()
        timeLimit = milliseconds == 0 ? 0 : worker.now + UInt64(milliseconds)
        loop.active = ImmortalReference(self)
    }

    /// Ends the limit of ``limitTime(to:)``: the handler has returned.
    ///
    /// - Returns: false if the connection has ended before its handler: nothing that is written is sent.
    public final func endTimeLimit() -> Bool {
        if timeLimit != 0 {
            timeLimit = 0
            clearDeadline()
        }
        return slot != nil
    }

    // MARK: Called by the loop

    /// The connection broke or timed out while its handler is suspended.
    final func fail(_ error: ConnectionError) {
        failure = failure ?? error
        if isOverdue, error == .timedOut { return end() }
        if isAtConnection { resume() } else { leave() }
    }

    /// Something happened, while its handler is suspended, to a connection that manages its lifetime.
    final func deliver(_ event: Event) {
        guard awaited == .forInput else { return }
        self.event = event
        resume()
    }

    /// The handler has suspended: sets the deadlines that hold until it goes on, or ends what has ended already.
    @inline(never)
    final func look(at slot: Slot) {
        if failure != nil, !isAtConnection { return leave() }
        if timeLimit != 0 { worker.limitDeadline(slot, after: Int(Swift.max(timeLimit, worker.now) - worker.now)) }
        if slot.flags.contains(.peerClosed) { peerEnded(slot) }
    }

    /// The peer has ended its direction while the handler is suspended, or before it was. What has come before the end
    /// is the handler's, so that it is not cancelled before it has read that; but it has no longer than the deadline,
    /// since it may never read it: a Close frame, say.
    @inline(never)
    final func peerEnded(_ slot: Slot) {
        guard awaited != .forInput else { return }
        if awaited == .nothing { worker.limitDeadline(slot, after: loop.settings.lingerTimeout.rawValue) }
        if !slot.hasUnread { cancel() }
    }

    /// The peer has taken all that waited for it, while the handler is suspended.
    final func hasSent(_ slot: Slot) {
        // A handler that waits for something else has no deadline of the peer's; one that waits for the peer has.
        guard awaited == .nothing else { return }
        clearDeadline()
        look(at: slot)
    }

    /// Whether its time has passed.
    final var isOverdue: Bool { timeLimit != 0 && worker.now >= timeLimit }

    /// Its time has passed while it is suspended. It may run on, without an effect on the connection.
    private func end() {
        guard let slot else { return }
        timeLimit = 0
        let hasResponse = answerOverdue()
        lose(slot)
        do throws(ConnectionError) {
            if hasResponse { _ = try loop.writer.sendLast(slot) }
            if hasResponse { loop.end(slot, lingering: true) } else { loop.close(slot) }
        } catch {
            loop.writer.removeAll()
            loop.close(slot)
        }
        cancel()
        if isAtConnection { resume() }
    }

    // MARK: Steps

    /// Whether the handler waits for input or output, and so hears of an end by itself.
    private var isAtConnection: Bool { awaited == .forInput || awaited == .forOutput }

    /// Closes the connection, which is of no more use, though its handler is suspended on something else.
    private func leave() {
        guard let slot else { return }
        timeLimit = 0
        lose(slot)
        loop.close(slot)
        cancel()
    }

    /// From here on the connection is not the handler's.
    private func lose(_ slot: Slot) {
        lost = LostConnection(
            descriptor: slot.descriptor, protocolState: slot.protocolState,
            managesLifetime: slot.flags.contains(.managesLifetime))
        slot.handler = nil
        self.slot = nil
    }

    /// Cancels the task: its cancellation handlers run now, what it waits for ends.
    private func cancel() {
        guard !isCancelled, let task else { return }
        isCancelled = true
        task.cancel()
    }
}

extension Slot {
    /// Whether bytes have come that were not read.
    fileprivate var hasUnread: Bool {
        do throws(Errno) { return try descriptor.unreadCount() > 0 } catch { return false }
    }
}

// Sources/Net/ConnectionService+Objects.swift — the objects that serve connections: made, kept and freed.

import Bytes
import Primitives
import Runtime

/// Up to `Config.freeConnections` objects are kept. References to them are not counted, since that would cost a request
/// a dozen locked instructions; so one that is too many is freed when no code that may hold a reference runs.
///
///     ┌──────┐ takeConnection ┌────────┐
///     │ free │ ─────────────▶ │ in use │ ◀─ made, if none is free
///     └──────┘ ◀───────────── └────────┘ ─────────────────────▶ dropped ─ the event's end ─▶ freed
///                  keep                keep: there are enough
extension ConnectionService {
    /// A free connection object. Nobody counts the references to it, until ``freeDropped()``.
    func takeConnection() -> Unmanaged<ConnectionHandler> {
        guard let free = unsafe freeConnections else { return unsafe Unmanaged.passImmortal(makeConnection(self)) }
        unsafe freeConnections = free._withUnsafeGuaranteedRef { unsafe $0.nextFree }
        freeCount -= 1
        return unsafe free
    }

    /// Keeps an object whose connection is done. Returns false if there are enough: then its task has to end.
    @discardableResult
    func keep(_ connection: ConnectionHandler) -> Bool {
        let reference = unsafe Unmanaged.passUnretained(connection)
        guard freeCount < Config.freeConnections else {
            unsafe connection.nextFree = dropped
            unsafe dropped = reference
            return false
        }
        unsafe connection.nextFree = freeConnections
        unsafe freeConnections = reference
        freeCount += 1
        return true
    }

    /// Ends an event: no task and no function of this service runs, or knows a connection.
    @inline(__always)
    func finishEvent() {
        if receivedAhead != nil { keepReceived() }
        finishClosing()
        if unsafe dropped != nil { freeDropped() }
    }

    /// Frees the objects that ``keep(_:)`` did not keep. Their tasks have ended.
    @inline(never)
    private func freeDropped() {
        while let connection = unsafe dropped {
            unsafe dropped = connection._withUnsafeGuaranteedRef { unsafe $0.nextFree }
            // SAFETY: its task has ended, and the free objects do not know it.
            unsafe connection.freeImmortal()
        }
    }
}

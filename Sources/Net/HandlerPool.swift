// Sources/Net/HandlerPool.swift — the objects that serve connections: made, kept and freed.

import Bytes
import Primitives
import Runtime

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

// Sources/Runtime/WorkerCallbacks.swift — what a worker calls when something happens to a descriptor.

import Linux

/// What a worker calls for its descriptors and messages: Net fills it in before the workers run. By default nothing is
/// done.
package struct WorkerCallbacks {
    /// A descriptor of this worker is ready.
    package var ready: (Slot, Readiness) -> Void = { _, _ in }
    /// A descriptor is ready, like others, and ``ready`` is called for it soon; its position among those.
    /// nil: not called.
    package var expected: ((Slot, Readiness, Int) -> Void)?
    /// ``expected`` was called for all of them; or ``ready`` was, for the last ones of a turn.
    package var gathered: () -> Void = {}
    /// A descriptor's deadline has passed.
    package var expired: (Slot) -> Void = { _ in }
    /// A descriptor was sent by another thread.
    package var adopted: (Slot) -> Void = { _ in }
    /// A queued task has run until it suspended or ended.
    package var ran: () -> Void = {}
    /// The worker has had nothing to do for a while: memory can be given back.
    package var rested: () -> Void = {}
    /// A message of another kind was sent.
    package var received: (UInt) -> Void = { _ in }

    init() {}
}

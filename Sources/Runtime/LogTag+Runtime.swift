// Sources/Runtime/LogTag+Runtime.swift — the log tags of this module; reactors have their own.

import Logging

extension LogTag {
    /// A worker that did not turn.
    static var worker: LogTag { LogTag("[WORKER]") }
}

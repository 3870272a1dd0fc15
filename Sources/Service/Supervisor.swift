// Sources/Service/Supervisor.swift — callbacks to a service manager.

import Bytes
import Linux
import Logging
import Net
import Settings

/// Callbacks to a service manager, which the daemon fills in; by default they do nothing. All are called on the control
/// thread, which is the main thread.
package struct Supervisor {
    /// Listening sockets that were passed to the process, non-blocking; if there are any, no other is made.
    package var listeners: [Listener] = []
    /// How often the manager wants to hear that the process is alive, in ms; nil: it does not.
    package var watchdogInterval: Int?
    /// Gets each line of the log that is a warning, an error or an event; nil: they go to the log alone.
    package var journal: ((borrowing LogRecord) -> Void)?
    /// Reports that the service serves, or has taken over a new configuration; with a line about its state.
    package var ready: (borrowing Span<UInt8>) -> Void = { _ in }
    /// Reports another line about its state.
    package var status: (borrowing Span<UInt8>) -> Void = { _ in }
    /// Reports that it takes over a new configuration.
    package var reloading: (borrowing Span<UInt8>) -> Void = { _ in }
    /// Reports that it is ending.
    package var stopping: (borrowing Span<UInt8>) -> Void = { _ in }
    /// Asks for so many ms more.
    package var extendTimeout: (Int) -> Void = { _ in }
    /// Reports that it cannot go on, and why.
    package var failed: (Errno, borrowing Span<UInt8>) -> Void = { _, _ in }
    /// Reports that all workers have answered since the last time.
    package var alive: () -> Void = {}
    /// Reports that a worker will never answer.
    package var deadlocked: () -> Void = {}
    /// Waits until the manager has received all reports.
    package var farewell: () -> Void = {}
    /// Whether there is a service manager.
    package var isPresent = false

    /// No service manager.
    package init() {}
}

// Sources/Settings/LogDestination.swift — the places that the log can be written to.

/// Where the log is written to.
package enum LogDestination: Int, Sendable {
    /// A file, made if it is missing: `Settings.logFile`.
    case file
    /// Standard error, for containers and for watching.
    case standardError
    /// Nowhere.
    case off
}

// Sources/Service/Service+Options.swift — from settings to what log and runtime take.

import Bytes
import Linux
import Logging
import Net
import Runtime
import Settings

extension Service {
    /// The log's file; nil if there is to be none.
    static func openLog(_ settings: Settings) throws(Errno) -> FileDescriptor? {
        switch settings.logDestination {
        case .off: return nil
        case .standardError: return .standardError
        case .file:
            return try File.openForAppending(
                settings.logFile, mode: Config.logFileMode, truncating: settings.logTruncate
            ).release()
        }
    }

    static func runtimeOptions(_ settings: Settings, logs: Bool, _ supervisor: borrowing Supervisor) -> RuntimeOptions {
        var options = RuntimeOptions()
        options.workers =
            settings.workers > 0 ? settings.workers : Swift.min(Process.availableProcessors, Config.maxWorkers)
        options.reactor = settings.reactor.kind
        options.heapLimit = settings.heapLimit.rawValue
        // A log on standard error is in the journal already.
        let hasJournal =
            supervisor.journal != nil && settings.logJournal && settings.logDestination != .standardError
        if logs || hasJournal { options.log = .on(level: settings.logLevel, hasJournal: hasJournal) }
        return options
    }

    // MARK: What the log says of it

    static func reportStart() {
        Log.write(event: .started) { line in
            line.append(" version=", Config.version)
            line.append(" pid=", Process.identifier)
            line.append(" workers=", Scheduler.workerCount)
            line.append(" reactor=", Runtime.reactorName)
        }
    }

    @inline(never)
    static func reportListener(_ listener: Listener) {
        Log.write(event: .lifecycle, descriptor: listener.descriptor) { line in
            line.append(" listening fd=", Int(listener.descriptor.rawValue))
            line.append(" address=")
            do throws(Errno) {
                try listener.descriptor.localAddress().write(into: &line)
            } catch {
                line.append("unknown")
            }
            line.append(" role=", listener.role == .administration ? "admin" : "http")
        }
    }
}

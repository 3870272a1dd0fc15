// Sources/Service/Service+Options.swift — from settings to what runtime, network and server want.

import Bytes
import HTTP
import Linux
import Logging
import Net
import Runtime
import Server
import Settings
import WebSocket

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
        options.workers = settings.workers > 0 ? settings.workers : Process.availableProcessors
        options.reactor = settings.reactor.kind
        options.heapLimit = settings.heapLimit
        // A log on standard error is in the journal already.
        let hasJournal =
            supervisor.journal != nil && settings.logJournal && settings.logDestination != .standardError
        if logs || hasJournal { options.log = .on(level: settings.logLevel, hasJournal: hasJournal) }
        return options
    }

    static func serverSettings(_ settings: Settings) -> ServerSettings {
        var result = ServerSettings()
        result.limits = RequestLimits(
            target: settings.maxRequestTarget, head: settings.maxRequestHead, fields: settings.maxHeaderFields)
        result.maxBody = UInt64(settings.maxRequestBody)
        result.idleTimeout = settings.idleTimeout
        result.requestTimeout = settings.requestTimeout
        result.pingInterval = settings.pingInterval
        result.pingTimeout = settings.pingTimeout
        result.closeTimeout = settings.closeTimeout
        result.frameLimits.maxMessage = settings.maxMessage
        result.frameLimits.maxFrame = settings.maxFrame
        result.allowedOrigins = settings.origins
        result.accessLog = settings.accessLog
        return result
    }

    static func connectionSettings(_ settings: Settings) -> ConnectionSettings {
        var result = ConnectionSettings()
        result.firstTimeout = settings.requestTimeout
        result.idleTimeout = settings.idleTimeout
        result.writeTimeout = settings.writeTimeout
        result.lingerTimeout = settings.lingerTimeout
        result.closeSpread = settings.closeSpread
        result.maxConnections = settings.maxConnections
        return result
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

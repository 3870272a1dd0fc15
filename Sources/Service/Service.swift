// Sources/Service/Service.swift — the life of the server on its main thread.

import Linux
import Net
import Runtime
import Server
import Settings
import Utilities
import WebSocket

/// The server, as its control thread sees it: start, wait for signals, write the log, drain, end.
///
///     starting ─▶ serving ─▶ draining ─▶ ended
///                    │ SIGTERM, SIGINT  │ all connections have ended, the time is up, or a second signal
struct Service: ~Copyable {
    private let settings: Settings
    private let signals: SignalDescriptor
    private let server: HTTPServer
    private var log: LogWriter
    /// When draining has lasted long enough, in ms of the monotonic clock; nil: not draining.
    private var drainEnd: UInt64?

    private init(
        _ settings: Settings, _ signals: consuming SignalDescriptor, _ server: HTTPServer, _ log: consuming LogWriter
    ) {
        self.settings = settings
        self.signals = signals
        self.server = server
        self.log = log
    }

    /// Opens the log and the listener, and starts all threads.
    static func start(_ settings: Settings) throws(StartError) -> Service {
        var step = StartError.Step.log
        do throws(Errno) {
            let file = try openLog(settings)
            step = .runtime
            try Runtime.prepare(runtimeOptions(settings, logs: file != nil))
            step = .listen
            let listener = try Listener(settings.address)
            step = .runtime
            let signals = try SignalDescriptor()
            let server = try HTTPServer(
                Routes.make(), settings: serverSettings(settings), connections: connectionSettings(settings))
            try server.listen(on: listener, settings.acceptMode == .thread ? .thread : .workers)
            try Runtime.run()
            try server.start()
            reportStart(try listener.descriptor.localAddress())
            return Service(settings, signals, server, LogWriter(file))
        } catch {
            throw StartError(step, error)
        }
    }

    /// Serves until a signal ends it. Returns the exit status.
    mutating func run() -> Int32 {
        var timeout: Int?
        while true {
            wait(timeout)
            while let signal = signals.next() {
                if handle(signal) { return end() }
            }
            if isDrained { return end() }
            timeout = log.flush()
            if let drainEnd {
                let now = Clock.monotonicMilliseconds
                if now >= drainEnd { return end() }
                let rest = Swift.min(Config.drainCheckTime, Int(drainEnd - now))
                timeout = Swift.min(timeout ?? rest, rest)
            }
        }
    }

    /// Waits for a signal or for log lines, up to `timeout` ms, or for ever.
    private func wait(_ timeout: Int?) {
        var entries: [2 of PollEntry] = .init(repeating: PollEntry(signals.descriptor, for: .readable))
        if let wakeUp = log.wakeUp { entries[1] = PollEntry(wakeUp, for: .readable) }
        do throws(Errno) {
            _ = try Poll.wait(&entries, timeout: timeout ?? -1)
        } catch {
            fatalError("ppoll failed")
        }
    }

    /// Returns whether to end at once.
    private mutating func handle(_ signal: Signal) -> Bool {
        Log.write(.signal) { line in
            line.append(" name=", signal.name)
        }
        if signal == .hangUp { reopenLog() }
        guard signal == .terminate || signal == .interrupt else { return false }
        guard drainEnd == nil else { return true }
        drainEnd = Clock.monotonicMilliseconds + UInt64(settings.drainTimeout)
        server.drain()
        return false
    }

    /// Goes on in a new file of the same name, after the old one was moved away; or in the old one, if that fails.
    private func reopenLog() {
        guard settings.logDestination == .file, let current = log.file else { return }
        do throws(Errno) {
            try current.replace(
                by: try File.openForAppending(settings.logFile, mode: Config.logFileMode, truncating: false))
        } catch {
            Log.write(.log, level: .error) { line in line.append(" cannot be opened again reason=", error.name) }
        }
    }

    /// Whether all workers have ended.
    private var isDrained: Bool { drainEnd != nil && Runtime.hasEnded }

    private mutating func end() -> Int32 {
        Log.write(.start) { line in line.append(" stopped") }
        _ = log.flush()
        Listener.removeFile(of: settings.address)
        return ExitStatus.success
    }

    private static func reportStart(_ address: SocketAddress) {
        Log.write(.start) { line in
            line.append(" version=", Config.version)
            line.append(" pid=", Process.identifier)
            line.append(" address=")
            address.write(into: &line)
            line.append(" workers=", Scheduler.workerCount)
        }
    }

    // MARK: From settings to options

    private static func openLog(_ settings: Settings) throws(Errno) -> FileDescriptor? {
        switch settings.logDestination {
        case .off: return nil
        case .standardError: return .standardError
        case .file:
            return try File.openForAppending(settings.logFile, mode: Config.logFileMode, truncating: true).release()
        }
    }

    private static func runtimeOptions(_ settings: Settings, logs: Bool) -> RuntimeOptions {
        var options = RuntimeOptions()
        options.workers = settings.workers > 0 ? settings.workers : Process.availableProcessors
        options.usesPpoll = settings.reactor == .ppoll
        options.heapLimit = settings.heapLimit
        options.logLevel = logs ? settings.logLevel : nil
        return options
    }

    private static func serverSettings(_ settings: Settings) -> ServerSettings {
        var result = ServerSettings()
        result.idleTimeout = settings.idleTimeout
        result.requestTimeout = settings.requestTimeout
        result.pingInterval = settings.pingInterval
        result.pingTimeout = settings.pingTimeout
        result.closeTimeout = settings.closeTimeout
        result.frameLimits.maxMessage = settings.maxMessage
        result.frameLimits.maxFrame = settings.maxFrame
        result.allowedOrigins = settings.origins
        return result
    }

    private static func connectionSettings(_ settings: Settings) -> ConnectionSettings {
        var result = ConnectionSettings()
        result.firstTimeout = settings.requestTimeout
        result.idleTimeout = settings.idleTimeout
        result.attendedTimeout = settings.pingInterval
        result.writeTimeout = settings.writeTimeout
        result.maxConnections = settings.maxConnections
        return result
    }
}

// Sources/Service/Service.swift — the life of the server on its main thread.

import Bytes
import Linux
import Logging
import Net
import Options
import Runtime
import Server
import Settings

/// The server, as its control thread sees it: start, wait for signals, write the log, drain, end.
///
///     starting ─▶ serving ─▶ draining ─▶ ended
///                 │    ▲   │ SIGTERM, SIGINT  │ all connections have ended, the time is up, or a second signal
///                 └────┘
///                 SIGHUP: the configuration and the log's file; SIGUSR1: the log's file; SIGUSR2: the state
struct Service: ~Copyable {
    let program: ProgramDefaults
    let supervisor: Supervisor
    var settings: Settings
    private let signals: SignalDescriptor
    let server: HTTPServer
    var log: LogWriter
    private var watch: WatchdogMonitor?
    var statusLine = StatusLine()
    private var ending = ServerEnding()
    /// When the supervisor is told next that draining goes on.
    private var nextExtension: UInt64 = 0

    /// Opens the log and the listeners, and starts all threads.
    init(
        _ program: ProgramDefaults, _ settings: Settings, _ supervisor: Supervisor, _ addRoutes: (Router) -> Void
    ) throws(StartError) {
        var step = StartError.Step.log
        do throws(Errno) {
            let file = try Self.openLog(settings)
            step = settings.reactor == .uring ? .uring : .runtime
            try Runtime.prepare(Self.runtimeOptions(settings, logs: file != nil, supervisor))
            step = .runtime
            let signals = try SignalDescriptor()
            let routes = Routes(settings.adminRoutes)
            addRoutes(routes.service)
            let server = try HTTPServer(
                routes.service, administration: routes.administration, settings: settings.server,
                connections: settings.connections, accessLogs: [.tag, .combined])
            step = .noAddress
            if supervisor.listeners.isEmpty && settings.listen.isEmpty && settings.adminListen.isEmpty {
                throw .addressNotAvailable
            }
            step = .adopt
            for index in supervisor.listeners.indices {
                try server.listen(on: supervisor.listeners[index], settings.acceptMode)
                Self.reportListener(supervisor.listeners[index])
            }
            if supervisor.listeners.isEmpty {
                try Self.listen(settings.listen, .service, server, settings.acceptMode, &step)
                try Self.listen(settings.adminListen, .administration, server, settings.acceptMode, &step)
            }
            if settings.adminRoutes != .everywhere && !Self.hasAdministration(settings, supervisor) {
                let line: StaticString = "AdminRoutes= names routes for sockets of AdminListen=, and there are none"
                Self.report(.warning, line.bytes)
            }
            step = .runtime
            let writer = LogWriter(file)
            try server.start()
            try Runtime.run()
            self.program = program
            self.supervisor = supervisor
            self.settings = settings
            self.signals = signals
            self.server = server
            log = writer
        } catch {
            throw StartError(step, error)
        }
        Self.reportStart()
    }

    /// Whether any socket is for administration.
    private static func hasAdministration(_ settings: Settings, _ supervisor: borrowing Supervisor) -> Bool {
        for index in supervisor.listeners.indices where supervisor.listeners[index].role == .administration {
            return true
        }
        return supervisor.listeners.isEmpty && !settings.adminListen.isEmpty
    }

    @inline(never)
    private static func listen(
        _ addresses: [SocketAddress], _ role: Listener.Role, _ server: HTTPServer, _ mode: AcceptMode,
        _ step: inout StartError.Step
    ) throws(Errno) {
        for index in addresses.indices {
            step = .listen(addresses[index])
            let listener = try Listener(addresses[index], role: role)
            try server.listen(on: listener, mode)
            reportListener(listener)
        }
    }

    /// Serves until a signal ends it. Returns the exit status.
    mutating func run() -> Int32 {
        becomeReady()
        var timeout: Int?
        while true {
            wait(timeout)
            while let signal = signals.next() {
                if handle(signal) { return end() }
            }
            if ending.isOver { return end() }
            timeout = flush()
            if let interval = watch?.look(supervisor) { timeout = earlier(timeout, interval) }
            if ending.hasBegun {
                extendTimeout()
                timeout = earlier(timeout, Config.drainCheckTime)
            } else if supervisor.isPresent, let rest = statusLine.update("serving", server, supervisor.status) {
                timeout = earlier(timeout, rest)
            }
        }
    }

    private func earlier(_ left: Int?, _ right: Int) -> Int { Swift.min(left ?? right, right) }

    /// Tells the supervisor, when every worker has shown that it runs.
    private mutating func becomeReady() {
        guard supervisor.isPresent else { return }
        Scheduler.askHeartbeat()
        while Scheduler.firstSilentWorker != nil { wait(1) }
        statusLine.show("serving", server, supervisor.ready)
        if let interval = supervisor.watchdogInterval { watch = WatchdogMonitor(interval: interval) }
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

    /// Writes the waiting lines to the log and the journal. Returns ms until it has to be called again.
    private mutating func flush() -> Int? {
        let timeout = log.flush()
        if let journal = supervisor.journal { log.forEachRecord(journal) }
        return timeout
    }

    // MARK: The end

    /// Begins to drain, or ends at once if that was begun before.
    mutating func drain() -> Bool {
        guard !ending.hasBegun else { return true }
        statusLine.show("stopping", server, supervisor.stopping)
        ending.begin(server, within: settings.drainTimeout)
        return false
    }

    /// Tells the supervisor that draining goes on.
    private mutating func extendTimeout() {
        let now = Clock.monotonicMilliseconds
        guard supervisor.isPresent, now >= nextExtension else { return }
        nextExtension = now + UInt64(Config.statusInterval)
        supervisor.extendTimeout(2 * Config.statusInterval)
        _ = statusLine.update("stopping", server, supervisor.status)
    }

    /// Whether the end has begun.
    var isDraining: Bool { ending.hasBegun }

    private mutating func end() -> Int32 {
        Log.write(event: .stopped) { line in line.append(" stopped") }
        _ = flush()
        if supervisor.listeners.isEmpty {
            Self.removeFiles(of: settings.listen)
            Self.removeFiles(of: settings.adminListen)
        }
        supervisor.farewell()
        return ExitStatus.success
    }

    @inline(never)
    private static func removeFiles(of addresses: [SocketAddress]) {
        for index in addresses.indices { Listener.removeFile(of: addresses[index]) }
    }
}

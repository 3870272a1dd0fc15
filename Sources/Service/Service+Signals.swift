// Sources/Service/Service+Signals.swift — what a signal makes a running server do.
// A file of its own since the main loop is complete without it: each signal is one function here.

import Bytes
import Linux
import Logging
import Net
import Options
import Primitives
import Runtime
import Server
import Settings

extension Service {
    /// Does what a signal asks for. Returns whether to end at once.
    mutating func handle(_ signal: Signal) -> Bool {
        switch signal {
        case .hangUp, .user1, .user2, .terminate, .interrupt: break
        // systemd sends SIGCONT behind SIGTERM, and a terminal this and that: nothing to be done.
        default: return false
        }
        Log.write(event: .signal) { line in line.append(" name=", signal.name) }
        switch signal {
        case .hangUp:
            // One that is ending has no use for another configuration.
            if !isDraining { reload() }
            reopenLog()
        case .user1: reopenLog()
        case .user2: dump()
        case .terminate, .interrupt: return drain()
        default: break
        }
        return false
    }

    // MARK: SIGHUP

    /// Takes over what the configuration says now and can change without a restart. A wrong one changes nothing.
    private mutating func reload() {
        statusLine.show("reloading", server, supervisor.reloading)
        do throws(ConfigurationError) {
            var new = try Configuration.load(program, .ofProcess, .ofProcess) { level, line in
                Self.report(level, line)
            }.settings
            let changes = settings.changes(to: &new)
            changes.live.forEachName { name in Self.report(.info, name, " has changed") }
            changes.needsRestart.forEachName { name in Self.report(.warning, name, " takes effect after a restart") }
            settings.takeLive(from: &new)
            Log.setLevel(settings.logLevel)
            HeapBudget.limit = settings.heapLimit.rawValue
            server.change(settings: settings.server, connections: settings.connections)
            statusLine.show("serving", server, supervisor.ready)
        } catch {
            let line: StaticString = "the new configuration is wrong; the old one holds"
            Self.report(.error, line.bytes)
            supervisor.ready(line.bytes)
        }
    }

    /// Says something of the configuration.
    static func report(_ level: LogLevel, _ text: borrowing Span<UInt8>) {
        Log.write(event: .configuration(level), level: level) { line in
            line.append(" ")
            line.append(escaping: text, keepingSpaces: true)
        }
    }

    private static func report(_ level: LogLevel, _ name: StaticString, _ what: StaticString) {
        Log.write(event: .configuration(level), level: level) { line in
            line.append(" ", name)
            line.append(what)
        }
    }

    /// Goes on in a new file of the same name, after the old one was moved away; or in the old one, if that fails.
    private func reopenLog() {
        guard settings.logDestination == .file, let current = log.file else { return }
        do throws(Errno) {
            try current.replace(
                by: try File.openForAppending(settings.logFile, mode: Config.logFileMode, truncating: false))
            Log.write(event: .log) { line in line.append(" opened again") }
        } catch {
            Log.write(event: .log, level: .error) { line in
                line.append(" cannot be opened again reason=", error.name)
            }
        }
    }

    // MARK: SIGUSR2

    /// Writes the state of everything to the log.
    private func dump() {
        for index in 0..<Scheduler.workerCount {
            guard let loop = ConnectionLoop.ofWorker(index) else { continue }
            Log.write(.dump) { line in
                line.append(" worker=", index)
                line.append(" connections=", loop.openCount.value)
                line.append(" websockets=", loop.managedCount.value)
                line.append(" accepted=", loop.metrics.accepted.value)
                line.append(" requests=", server.metrics[index].requests)
                line.append(" messages=", server.metrics[index].webSocketMessages.value)
                line.append(" timeouts=", loop.metrics.timeouts.value)
                line.append(" processor-ms=", Int(Runtime.processorTime(ofWorker: index) / 1_000_000))
            }
        }
        Log.write(.dump) { line in
            line.append(" tasks=", TaskHandle.count)
            line.append(" heap=", HeapBudget.mappedBytes)
            line.append(" heap-limit=", HeapBudget.limit)
        }
    }
}

// Sources/Daemon/Supervisor+Systemd.swift — systemd as the supervisor of the process.

import Bytes
import Linux
import Logging
import Net
import Options
import Service
import Systemd

extension Supervisor {
    /// Fills in the callbacks to the supervisor with systemd's interfaces, and takes over the sockets that it passed.
    ///
    /// - Returns: false if one of the sockets cannot be used, which is then reported: another one would not be what the
    ///   administrator asked for.
    mutating func attach() -> Bool {
        isPresent = Notifier.isConnected
        journal = { record in
            if !Journal.isConnected || !Journal.send(record) { Journal.writeText(record.text, level: record.level) }
        }
        ready = { Notifier.ready(status: $0) }
        status = { Notifier.status($0) }
        reloading = { Notifier.reloading(status: $0) }
        stopping = { Notifier.stopping(status: $0) }
        extendTimeout = { Notifier.extendTimeout(microseconds: UInt64($0) * 1000) }
        failed = { Notifier.failed($0, status: $1) }
        alive = { Notifier.watchdog() }
        deadlocked = { Notifier.watchdogTrigger() }
        farewell = { _ = Notifier.barrier(timeoutMicroseconds: UInt64(Config.farewellTimeout) * 1000) }
        if let interval = Watchdog.interval { watchdogInterval = Int(interval / 1000) }
        return adoptSockets()
    }

    private mutating func adoptSockets() -> Bool {
        do throws(ListenSocketsError) {
            let sockets = try ListenSockets.take()
            if sockets.areForAnother {
                tell(.warning) { $0.append("$LISTEN_PID names another process: no socket is taken over") }
            }
            for index in 0..<sockets.count {
                guard adopt(index, of: sockets) else { return false }
            }
            return true
        } catch {
            tell(.error) { error.describe(into: &$0) }
            return false
        }
    }

    /// Takes over one socket. Its name says what its connections are for.
    private mutating func adopt(_ index: Int, of sockets: ListenSockets) -> Bool {
        do throws(UnusableSocket) {
            try sockets.prepare(index)
        } catch {
            tell(.error) { error.describe(sockets, into: &$0) }
            return false
        }
        let name = sockets.name(index)
        if !name.equals("http"), !name.equals("admin"), !name.equals("unknown") {
            tell(.warning) { line in
                line.append("descriptor ", Int(sockets.descriptor(index).rawValue))
                line.append(" is named '")
                line.append(escaping: sockets.name(index))
                line.append("', which is neither http nor admin: it serves http")
            }
        }
        listeners.append(
            Listener(adopting: sockets.descriptor(index), role: name.equals("admin") ? .administration : .service))
        return true
    }

    /// Says something before there is a log.
    private func tell(_ level: LogLevel, _ body: (inout ByteWriter) -> Void) {
        var text: [512 of UInt8] = .init(repeating: 0)
        let event = level == .error ? LogEvent.lifecycle : .configuration
        let length = text.write { line in
            line.append(event.tag.text.bytes)
            line.append(.space)
            body(&line)
        }
        let line = text.span.extracting(first: length)
        journal?(LogRecord(event, level, line))
        if level == .error { failed(.invalidArgument, line) }
    }
}

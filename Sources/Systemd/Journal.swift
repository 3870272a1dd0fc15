// Sources/Systemd/Journal.swift — the systemd journal.

import Bytes
import Linux
import Logging
import Options

/// Log lines for the journal, with structured fields.
///
/// Cost: a scan of the line, a copy of it, and a sendmsg(2). It blocks while journald does not keep up.
///
/// - Concurrency: the main thread's alone.
package enum Journal {
    /// The answer of the first call.
    // SHARED: the main thread's alone.
    nonisolated(unsafe) private static var knownConnection: Bool?

    /// Whether descriptor 2 leads to the journal: it is the file that `$JOURNAL_STREAM` names, as systemd.exec(5)
    /// advises. The variable alone proves nothing: a child with its own standard error has it too.
    package static var isConnected: Bool {
        if let known = unsafe knownConnection { return known }
        let found = findsConnection()
        unsafe knownConnection = found
        return found
    }

    private static func findsConnection() -> Bool {
        let environment = Environment.ofProcess
        guard let stream = environment.value(of: "JOURNAL_STREAM") else { return false }
        let colon = stream.firstIndex(of: UInt8(ascii: ":"), in: 0..<stream.count)
        guard colon < stream.count, let device = stream.extracting(first: colon).decimal,
            let inode = stream.extracting(droppingFirst: colon + 1).decimal
        else { return false }
        do throws(Errno) {
            return try FileIdentity(of: .standardError) == FileIdentity(device: device, inode: inode)
        } catch {
            return false
        }
    }

    /// Sends one line of the log.
    ///
    /// `MESSAGE=` is its text, `PRIORITY=` its level, `TAG=` its tag, `MESSAGE_ID=` its kind, `FD=` the
    /// descriptor that it names.
    ///
    /// - Returns: whether the journal took it. If not, use ``writeText(_:level:)``.
    package static func send(_ record: borrowing LogRecord) -> Bool {
        // libsystemd reports no error without journald, or if RootDirectory= hides it.
        guard let socket = Path(Config.journalSocket.bytes), File.exists(socket) else { return false }
        var entry = JournalEntry()
        add(record, to: &entry)
        return entry.send()
    }

    /// Writes one line to standard error.
    ///
    /// If ``isConnected``, journald reads the line, and takes `<N>` at its start for the priority (sd-daemon(3)); a
    /// terminal or a file would show it, so there the line is plain.
    package static func writeText(_ line: borrowing Span<UInt8>, level: LogLevel) {
        let isConnected = isConnected
        var memory: [1032 of UInt8] = .init(repeating: 0)
        let count = memory.write { text in
            if isConnected {
                text.append("<", level.priority)
                text.append(">")
            }
            text.append(line.extracting(first: Config.maxLogLine))
            text.append(.lineFeed)
        }
        do throws(Errno) {
            try FileDescriptor.standardError.writeAll(memory.span.extracting(first: count))
        } catch {
            // There is no other place to report this.
        }
    }

    private static func add(_ record: borrowing LogRecord, to entry: inout JournalEntry) {
        let (text, tag) = (record.text, record.tag)
        let (level, messageID) = (record.level, record.messageID)
        entry.add { $0.append("MESSAGE=", text) }
        entry.add { $0.append("PRIORITY=", level.priority) }
        entry.add { $0.append("SYSLOG_IDENTIFIER=", Config.journalIdentifier) }
        entry.add { $0.append("TAG=", tag) }
        if messageID != 0 {
            entry.add { field in
                field.append("MESSAGE_ID=")
                field.append(hexadecimal: UInt64(truncatingIfNeeded: messageID >> 64), digits: 16)
                field.append(hexadecimal: UInt64(truncatingIfNeeded: messageID), digits: 16)
            }
        }
        if let descriptor = record.descriptor { entry.add { $0.append("FD=", Int(descriptor.rawValue)) } }
    }
}

extension LogLevel {
    /// The level as syslog(3) counts: 3 is an error, 7 is for debugging.
    fileprivate var priority: StaticString {
        switch self {
        case .error: "3"
        case .warning: "4"
        case .info: "6"
        case .debug: "7"
        }
    }
}

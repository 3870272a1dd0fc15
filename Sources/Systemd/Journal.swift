// Sources/Systemd/Journal.swift — the systemd journal.

import Bytes
import Linux
import Options

/// Log lines for the journal, with structured fields.
///
/// Cost: a scan of the line, a copy of it, and a sendmsg(2). It blocks while journald does not keep up.
///
/// - Concurrency: the main thread's alone.
public enum Journal {
    /// The answer of the first call.
    // SHARED: the main thread's alone.
    nonisolated(unsafe) private static var knownConnection: Bool?

    /// Whether descriptor 2 leads to the journal: it is the file that `$JOURNAL_STREAM` names, as systemd.exec(5)
    /// advises. The variable alone proves nothing: a child with its own standard error has it too.
    public static var isConnected: Bool {
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
    /// `MESSAGE=` is the line. `PRIORITY=` is its level, `TAG=` its tag, `MESSAGE_ID=` its kind (``JournalKind``),
    /// `FD=` and `PEER=` are the values behind ` fd=` and ` peer=` in it.
    ///
    /// - Parameter line: `[TAG] key=value …`, at most `Config.maxLogLine` bytes, without time and line feed.
    /// - Returns: whether the journal took it. If not, use ``writeText(_:level:)``.
    public static func send(line: borrowing Span<UInt8>, level: LogLevel) -> Bool {
        // libsystemd reports no error without journald, or if RootDirectory= hides it.
        guard let socket = Path(Config.journalSocket.bytes), File.exists(socket) else { return false }
        var entry = JournalEntry()
        add(line, level, to: &entry)
        return entry.send()
    }

    /// Writes one line to standard error.
    ///
    /// If ``isConnected``, journald reads the line, and takes `<N>` at its start for the priority (sd-daemon(3)); a
    /// terminal or a file would show it, so there the line is plain.
    public static func writeText(_ line: borrowing Span<UInt8>, level: LogLevel) {
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

    private static func add(_ line: borrowing Span<UInt8>, _ level: LogLevel, to entry: inout JournalEntry) {
        entry.add { $0.append("MESSAGE=", line) }
        entry.add { $0.append("PRIORITY=", level.priority) }
        entry.add { $0.append("SYSLOG_IDENTIFIER=", Config.journalIdentifier) }
        if line.count > 0, line[0] == UInt8(ascii: "[") {
            let end = line.firstIndex(of: UInt8(ascii: "]"), in: 1..<line.count)
            entry.add { $0.append("TAG=", line.extracting(1..<end)) }
        }
        if let kind = JournalKind(of: line, level: level) {
            entry.add { $0.append("MESSAGE_ID=", kind.messageID) }
        }
        if let range = line.value(of: " fd=") { entry.add { $0.append("FD=", line.extracting(range)) } }
        if let range = line.value(of: " peer=") { entry.add { $0.append("PEER=", line.extracting(range)) } }
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

extension Span<UInt8> {
    /// Where the word is that follows `name` for the first time; nil if it does not.
    fileprivate func value(of name: StaticString) -> Range<Int>? {
        for start in indices where extracting(droppingFirst: start).starts(with: name) {
            let first = start + name.utf8CodeUnitCount
            return first..<firstIndex(of: UInt8(ascii: " "), in: first..<count)
        }
        return nil
    }
}

// Sources/Settings/Problems.swift — what is wrong with a configuration, line by line.

import Bytes
import Linux
import Options

/// Lines for people, gathered until the whole configuration has been read.
struct Problems: Sendable {
    /// Where a line comes from, by the letter that it is kept with.
    private enum Mark {
        static var commandLine: UInt8 { UInt8(ascii: "c") }
        static var elsewhere: UInt8 { UInt8(ascii: "e") }
        static var warning: UInt8 { UInt8(ascii: "w") }
    }

    private var text = Text()
    private var commandLineErrors = 0
    private var otherErrors = 0

    /// Whether there is an error.
    var hasErrors: Bool { commandLineErrors + otherErrors > 0 }
    /// Whether something else than the command line is wrong.
    var hasOtherErrors: Bool { otherErrors > 0 }
    /// Whether there are so many that more would help nobody.
    var isFull: Bool { otherErrors >= Config.maxConfigurationErrors }

    /// Adds an error of the command line: `--set 'x=1': …`.
    @inline(never)
    mutating func addCommandLine(_ body: (inout ByteWriter) -> Void) {
        commandLineErrors += 1
        add(Mark.commandLine, body)
    }

    /// Adds an error of a file or of the environment, unless there are enough.
    @_optimize(size)
    @inline(never)
    mutating func add(_ body: (inout ByteWriter) -> Void) {
        guard !isFull else { return }
        otherErrors += 1
        add(Mark.elsewhere, body)
        if isFull { add(Mark.elsewhere) { $0.write("too many errors; no more are shown") } }
    }

    /// Adds a warning.
    mutating func addWarning(_ body: (inout ByteWriter) -> Void) { add(Mark.warning, body) }

    @_optimize(size)
    @inline(never)
    private mutating func add(_ mark: UInt8, _ body: (inout ByteWriter) -> Void) {
        text.add { writer in
            writer.append(mark)
            body(&writer)
            writer.write("\n")
        }
    }

    /// Calls `report` with each line and its level; errors of the command line begin with `prefix`.
    @_optimize(size)
    func report(commandLinePrefix prefix: StaticString, _ report: (LogLevel, borrowing Span<UInt8>) -> Void) {
        let lines = text.bytes.span
        var line = Text()
        var start = 0
        while start < lines.count {
            let end = lines.firstIndex(of: .lineFeed, in: start..<lines.count)
            line.removeAll()
            if lines[start] == Mark.commandLine {
                line.add(prefix)
                line.add(": ")
            }
            line.add(lines.extracting(start + 1..<end))
            report(lines[start] == Mark.warning ? .warning : .error, line.bytes.span)
            start = end + 1
        }
    }
}

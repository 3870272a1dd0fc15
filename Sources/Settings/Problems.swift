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
    /// Whether there are so many that more would be of no help.
    var isFull: Bool { otherErrors >= Config.maxConfigurationErrors }

    /// Adds an error of the command line: `--set 'x=1': …`.
    mutating func addCommandLine(_ line: Text) {
        commandLineErrors += 1
        add(Mark.commandLine, line)
    }

    /// Adds an error of the command line: `option '--x': no such option`.
    @inline(never)
    mutating func refuse(_ subject: StaticString, _ text: borrowing Span<UInt8>, _ reason: StaticString) {
        var line = Text()
        line.add(subject)
        line.add(" ")
        Excerpt(text).write(into: &line)
        line.add(": ")
        line.add(reason)
        addCommandLine(line)
    }

    /// Adds an error of the command line: `--set 'x=1': out of range`.
    @inline(never)
    mutating func refuse(_ subject: StaticString, _ error: ValueError) {
        var line = Text()
        line.add(subject)
        line.add(" ")
        error.write(into: &line)
        addCommandLine(line)
    }

    /// Adds an error of a file or of the environment, unless there are enough.
    @inline(never)
    mutating func add(_ line: Text) {
        guard !isFull else { return }
        otherErrors += 1
        add(Mark.elsewhere, line)
        guard isFull else { return }
        var last = Text()
        last.add("too many errors; no more are shown")
        add(Mark.elsewhere, last)
    }

    /// Adds a warning.
    mutating func addWarning(_ line: Text) { add(Mark.warning, line) }

    @inline(never)
    private mutating func add(_ mark: UInt8, _ line: Text) {
        text.add(byte: mark)
        text.add(line.bytes.span)
        text.add("\n")
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

// Sources/Settings/Problems.swift — what is wrong with a configuration, line by line.

import Bytes
import Linux
import Options

/// Lines for people, gathered until the whole configuration has been read.
struct Problems: Sendable {
    /// Where a line comes from, by the letter that it is kept with.
    enum Mark: UInt8, Sendable {
        /// The command line: `c`.
        case commandLine = 0x63
        /// A file or the environment: `e`.
        case elsewhere = 0x65
        /// `w`: not an error.
        case warning = 0x77
    }

    /// All lines; between ``begin(_:)`` and ``end()`` the last one is written here.
    var text = Text()
    private var commandLineErrors = 0
    private var otherErrors = 0

    /// Whether there is an error.
    var hasErrors: Bool { commandLineErrors + otherErrors > 0 }
    /// Whether something else than the command line is wrong.
    var hasOtherErrors: Bool { otherErrors > 0 }
    /// Whether there are so many that more would be of no help.
    var isFull: Bool { otherErrors >= Config.maxConfigurationErrors }

    /// Begins a line: what is then added to ``text`` belongs to it.
    @inline(never)
    mutating func begin(_ mark: Mark) {
        text.add(byte: mark.rawValue)
        switch mark {
        case .commandLine: commandLineErrors += 1
        case .elsewhere: otherErrors += 1
        case .warning: break
        }
    }

    /// Ends the line. After the last error that is shown, it says so.
    @inline(never)
    mutating func end() {
        text.add("\n")
        guard otherErrors == Config.maxConfigurationErrors else { return }
        otherErrors += 1
        text.add("etoo many errors; no more are shown\n")
    }

    /// Adds an error of the command line: `option '--x': no such option`.
    @inline(never)
    mutating func refuse(_ subject: StaticString, _ text: borrowing Span<UInt8>, _ reason: StaticString) {
        begin(.commandLine)
        self.text.add(subject)
        self.text.add(" ")
        Excerpt(text).write(into: &self.text)
        self.text.add(": ")
        self.text.add(reason)
        end()
    }

    /// Adds an error of the command line: `--set 'x=1': out of range`.
    @inline(never)
    mutating func refuse(_ subject: StaticString, _ error: ValueError) {
        begin(.commandLine)
        text.add(subject)
        text.add(" ")
        error.write(into: &text)
        end()
    }

    /// Calls `report` with each line and its level; errors of the command line begin with `prefix`.
    func report(commandLinePrefix prefix: StaticString, _ report: (LogLevel, borrowing Span<UInt8>) -> Void) {
        var line = Text()
        var position = 0
        while let level = next(from: &position, commandLinePrefix: prefix, into: &line) {
            report(level, line.bytes.span)
        }
    }

    /// Puts the line at `position` into `line`, and goes on to the next. Returns the line's level; nil: there is none.
    @_optimize(size)
    @inline(never)
    private func next(
        from position: inout Int, commandLinePrefix prefix: StaticString, into line: inout Text
    ) -> LogLevel? {
        let lines = text.bytes.span
        guard position < lines.count else { return nil }
        let start = position
        let end = lines.firstIndex(of: .lineFeed, in: start..<lines.count)
        position = end + 1
        line.removeAll()
        if lines[start] == Mark.commandLine.rawValue {
            line.add(prefix)
            line.add(": ")
        }
        line.add(lines.extracting(start + 1..<end))
        return lines[start] == Mark.warning.rawValue ? .warning : .error
    }
}

// Sources/Settings/ConfigurationLines.swift — the logical lines of a configuration file, in systemd's manner.
//
// inih was considered: Debian's build cuts lines at 200 bytes, takes ` ;` for a comment and indentation for a
// continuation, so it does not read this format.

import Bytes

/// A walk over the lines of a file: systemd.syntax(7).
///
///     Key=value        ends with LF or CRLF, or with the file
///     Key=one \        a backslash at the end: the next line continues this one, with a space for the backslash
///     # comment        skipped, also inside a continued line; so is what begins with `;`
struct ConfigurationLines {
    /// What is wrong with a line as such.
    enum Fault {
        /// Longer than `Config.maxConfigurationLine`.
        case tooLong
        /// A control byte other than a tab.
        case control
    }

    /// The line, without blanks at its two ends.
    private(set) var line: [UInt8] = []
    /// Its number, counted from 1; of a continued one that of its first part.
    private(set) var number = 0
    /// What is wrong with it; then only the number counts.
    private(set) var fault: Fault?
    private var position = 0
    private var physicalNumber = 0

    /// Goes to the next line of `text`, the same as in the calls before; false at its end. Empty lines are skipped.
    @_optimize(size)
    mutating func next(in text: borrowing Span<UInt8>) -> Bool {
        // A byte order mark.
        if position == 0, text.starts(with: "\u{FEFF}") { position = 3 }
        line.removeAll(keepingCapacity: true)
        fault = nil
        var isContinued = false
        while position < text.count {
            let end = text.firstIndex(of: .lineFeed, in: position..<text.count)
            let part = text.trimmingBlanks(position..<contentEnd(of: text, position, end))
            let last = contentEnd(of: text, position, end)
            position = end + 1
            physicalNumber += 1
            if !isContinued { number = physicalNumber }
            // A comment neither ends nor continues anything.
            if !part.isEmpty, text[part.lowerBound].beginsComment { continue }
            let continues = endsWithBackslash(text.extracting(part)) && part.upperBound == last
            append(text.extracting(continues ? part.lowerBound..<part.upperBound - 1 : part))
            if continues {
                append(blank.bytes)
                isContinued = true
                continue
            }
            if isLine { return true }
            isContinued = false
        }
        return isLine
    }

    /// Where the line `start..<end` ends without its CR.
    private func contentEnd(of text: borrowing Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        end > start && text[end - 1] == .carriageReturn ? end - 1 : end
    }

    private mutating func append(_ part: borrowing Span<UInt8>) {
        guard line.count + part.count <= Config.maxConfigurationLine else {
            fault = .tooLong
            return
        }
        for index in part.indices {
            if part[index].isControl { fault = .control }
            line.append(part[index])
        }
    }

    /// Whether there is a line, once blanks are dropped that a backslash before an empty line left.
    private var isLine: Bool {
        mutating get {
            while let last = line.last, last.isBlank { line.removeLast() }
            return !line.isEmpty || fault != nil
        }
    }
}

/// What a backslash at the end of a line stands for.
private let blank: StaticString = " "

extension UInt8 {
    fileprivate var beginsComment: Bool { self == UInt8(ascii: "#") || self == UInt8(ascii: ";") }
}

/// Whether an odd number of backslashes stands at the end: two of them are one that is meant.
private func endsWithBackslash(_ text: borrowing Span<UInt8>) -> Bool {
    var count = 0
    while count < text.count, text[text.count - 1 - count] == UInt8(ascii: "\\") { count += 1 }
    return count % 2 == 1
}

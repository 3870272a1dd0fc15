// Sources/Settings/Configuration+Parsing.swift — a file's text: sections, keys and values.

import Bytes
import Linux

extension Configuration {
    /// Reads `text`, which `files[file]` holds.
    ///
    /// Cost: one pass; a line is copied once.
    @_optimize(size)
    mutating func parse(_ text: borrowing Span<UInt8>, file: Int) {
        var lines = ConfigurationLines()
        var place = Place.top
        while !problems.isFull, lines.next(in: text) {
            let source = Source.file(index: file, line: lines.number)
            if let fault = lines.fault {
                add(at: source) { line in fault.write(into: &line) }
                continue
            }
            parseLine(lines.line.span, &place, source)
        }
    }

    /// Below which heading a line stands.
    private enum Place {
        /// None yet.
        case top
        case section(Section)
        /// A section that does not exist: that was said, so its keys are not looked at.
        case nowhere
    }

    /// Takes `[Section]` or `Key=value`.
    @_optimize(size)
    private mutating func parseLine(_ line: borrowing Span<UInt8>, _ place: inout Place, _ source: Source) {
        let content = line.extracting(line.trimmingBlanks(0..<line.count))
        let excerpt = Excerpt(content)
        if content[0] == UInt8(ascii: "["), content[content.count - 1] == UInt8(ascii: "]") {
            let name = content.extracting(1..<content.count - 1)
            if let section = Section(name) {
                place = .section(section)
            } else {
                place = .nowhere
                add(at: source) { line in
                    excerpt.writePlain(into: &line)
                    line.write(": no such section; [Server], [Limits], [HTTP], [WebSocket] and [Log] are allowed")
                }
            }
            return
        }
        guard let equals = content.firstIndex(of: UInt8(ascii: "=")) else {
            return add(at: source) { line in
                excerpt.write(into: &line)
                line.write(": neither [Section] nor Key=value")
            }
        }
        let name = content.extracting(content.trimmingBlanks(0..<equals))
        let value = content.extracting(content.trimmingBlanks(equals + 1..<content.count))
        switch place {
        case .nowhere: break
        case .top: refuse(name, in: nil, source)
        case .section(let section):
            guard let key = Key(fileName: name), key.section == section else {
                return refuse(name, in: section, source)
            }
            do throws(ValueError) {
                try assign(key, value, at: source)
            } catch {
                add(at: source) { line in
                    line.write(key.name)
                    line.write(": ")
                    error.write(into: &line)
                }
            }
        }
    }

    /// Says that a key does not belong into `section`, or, above all sections, where it belongs.
    @_optimize(size)
    private mutating func refuse(_ name: borrowing Span<UInt8>, in section: Section?, _ source: Source) {
        let key = Key(fileName: name)
        let excerpt = Excerpt(name)
        add(at: source) { line in
            excerpt.writePlain(into: &line)
            if let key {
                line.write(section == nil ? ": above all sections" : ": in the wrong section")
                line.write("; it belongs into [")
                line.write(key.section.name)
                line.write("]")
            } else if let section {
                line.write(": no such key; ")
                section.writeKeys(into: &line)
                line.write(" are allowed in [")
                line.write(section.name)
                line.write("]")
            } else {
                line.write(": no such key, and above all sections")
            }
        }
    }

    /// Adds an error at a line of a file.
    private mutating func add(at source: Source, _ body: (inout ByteWriter) -> Void) {
        problems.add { [files] line in
            source.write(files, into: &line)
            line.write(": ")
            body(&line)
        }
    }
}

extension Section {
    /// Appends the names of its keys, with commas and an "and".
    @_optimize(size)
    fileprivate func writeKeys(into line: inout ByteWriter) {
        for number in 0..<Key.count where Key(number: number).section == self {
            let isFirst = number == 0 || Key(number: number - 1).section != self
            let isLast = number == Key.count - 1 || Key(number: number + 1).section != self
            if !isFirst { line.write(isLast ? " and " : ", ") }
            line.write(Key(number: number).name)
        }
    }
}

extension ConfigurationLines.Fault {
    fileprivate func write(into line: inout ByteWriter) {
        switch self {
        case .tooLong:
            line.write("the line is too long; at most ")
            line.write(decimal: Config.maxConfigurationLine)
            line.write(" bytes are allowed")
        case .control: line.write("the line holds a control byte; only text and tabs are allowed")
        }
    }
}

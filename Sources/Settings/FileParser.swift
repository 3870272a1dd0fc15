// Sources/Settings/FileParser.swift — a file's text: sections, keys and values.

import Bytes
import Linux

/// Reads the text of one file.
enum FileParser {
    /// Under which heading a line stands.
    private enum Place {
        /// None yet.
        case top
        case section(Section)
        /// The section that the collector has opened last.
        case collected
        /// A section that does not exist: that was said, so its keys are not looked at.
        case nowhere
    }

    /// Reads `text`, which is that of the last of `configuration.files`.
    ///
    /// - Parameter sections: what takes sections beyond those of the settings.
    ///
    /// Cost: one pass; a line is copied once.
    @_optimize(size)
    static func parse<Sections: SectionCollector>(
        _ text: borrowing Span<UInt8>, into configuration: inout Configuration, _ sections: inout Sections
    ) {
        var lines = ConfigurationLines()
        var place = Place.top
        while !configuration.problems.isFull, lines.next(in: text) {
            let source = Source.file(
                index: UInt16(truncatingIfNeeded: configuration.files.count - 1),
                line: UInt32(truncatingIfNeeded: lines.number))
            if let fault = lines.fault {
                configuration.beginLine(at: source)
                fault.write(into: &configuration.problems.text)
                configuration.problems.end()
                continue
            }
            let line = lines.line.span
            let content = line.extracting(line.trimmingBlanks(0..<line.count))
            if content[0] == UInt8(ascii: "["), content[content.count - 1] == UInt8(ascii: "]") {
                place = open(content.extracting(1..<content.count - 1), source, &configuration, &sections)
            } else {
                assign(content, place, source, &configuration, &sections)
            }
        }
    }

    /// Takes `[heading]`: the place of the lines after it.
    @_optimize(size)
    private static func open<Sections: SectionCollector>(
        _ heading: borrowing Span<UInt8>, _ source: Source, _ configuration: inout Configuration,
        _ sections: inout Sections
    ) -> Place {
        if let section = Section(heading) { return .section(section) }
        let outcome = sections.open(heading)
        if case .opened = outcome { return .collected }
        configuration.beginLine(at: source)
        configuration.problems.text.add("[")
        Excerpt(heading).writePlain(into: &configuration.problems.text)
        configuration.problems.text.add("]: ")
        if case .wrong(let reason) = outcome {
            configuration.problems.text.add(reason)
        } else {
            configuration.problems.text.add("no such section; ")
            writeHeadings(of: Sections.self, into: &configuration.problems.text)
            configuration.problems.text.add(" are allowed")
        }
        configuration.problems.end()
        return .nowhere
    }

    /// Appends all headings: `[Server], [Limits] and [HTTP]`.
    private static func writeHeadings<Sections: SectionCollector>(of: Sections.Type, into line: inout Text) {
        line.add("[")
        ValueKind.write(Section.names, "], [", last: Sections.headingCount == 0 ? "] and [" : "], [", into: &line)
        for number in 0..<Sections.headingCount {
            line.add(number < Sections.headingCount - 1 ? "], [" : "] and [")
            Sections.writeHeading(number, into: &line)
        }
        line.add("]")
    }

    /// Takes `Key=value`.
    @_optimize(size)
    private static func assign<Sections: SectionCollector>(
        _ content: borrowing Span<UInt8>, _ place: Place, _ source: Source, _ configuration: inout Configuration,
        _ sections: inout Sections
    ) {
        guard let equals = content.firstIndex(of: UInt8(ascii: "=")) else {
            configuration.beginLine(at: source)
            Excerpt(content).write(into: &configuration.problems.text)
            configuration.problems.text.add(": neither [Section] nor Key=value")
            return configuration.problems.end()
        }
        let name = content.extracting(content.trimmingBlanks(0..<equals))
        let value = content.extracting(content.trimmingBlanks(equals + 1..<content.count))
        switch place {
        case .nowhere: break
        case .top: configuration.refuse(name, in: nil, source)
        case .section(let section):
            guard let key = Key(name, at: .file), key.spec.section == section else {
                return configuration.refuse(name, in: section, source)
            }
            do throws(ValueError) {
                try configuration.assign(key, value, at: source)
            } catch {
                configuration.beginLine(at: source)
                configuration.problems.text.add(key.spec.name)
                configuration.problems.text.add(": ")
                error.write(into: &configuration.problems.text)
                configuration.problems.end()
            }
        case .collected:
            guard let problem = sections.assign(name, value, at: source) else { return }
            configuration.beginLine(at: source)
            sections.writeOpenHeading(into: &configuration.problems.text)
            configuration.problems.text.add(" ")
            Excerpt(name).writePlain(into: &configuration.problems.text)
            configuration.problems.text.add(": ")
            switch problem {
            case .noSuchKey:
                configuration.problems.text.add("no such key; ")
                sections.writeKeys(into: &configuration.problems.text)
                configuration.problems.text.add(" are allowed")
            case .wrongValue(let error): error.write(into: &configuration.problems.text)
            }
            configuration.problems.end()
        }
    }
}

extension Configuration {
    /// Says that a key does not belong into `section`, or, above all sections, where it belongs.
    @_optimize(size)
    fileprivate mutating func refuse(_ name: borrowing Span<UInt8>, in section: Section?, _ source: Source) {
        let key = Key(name, at: .file)
        beginLine(at: source)
        Excerpt(name).writePlain(into: &problems.text)
        if let home = key?.spec.section {
            problems.text.add(section == nil ? ": above all sections" : ": in the wrong section")
            problems.text.add("; it belongs into [")
            problems.text.add(home.name)
            problems.text.add("]")
        } else if let section {
            problems.text.add(": no such key; ")
            writeNames(Key.numbers(in: section), { settingsTable[$0].key }, into: &problems.text)
            problems.text.add(" are allowed in [")
            problems.text.add(section.name)
            problems.text.add("]")
        } else {
            problems.text.add(": no such key, and above all sections")
        }
        problems.end()
    }

    /// Begins an error at a line of a file: `/etc/x.conf:12: `.
    @inline(never)
    fileprivate mutating func beginLine(at source: Source) {
        problems.begin(.elsewhere)
        source.write(files, into: &problems.text)
        problems.text.add(": ")
    }
}

/// Appends the names of the keys `numbers`, with commas and an "and".
@_optimize(size)
func writeNames(_ numbers: Range<Int>, _ key: (Int) -> KeySpec, into line: inout Text) {
    for number in numbers {
        if number > numbers.lowerBound { line.add(number == numbers.upperBound - 1 ? " and " : ", ") }
        line.add(key(number).name)
    }
}

extension ConfigurationLines.Fault {
    fileprivate func write(into line: inout Text) {
        switch self {
        case .tooLong:
            line.add("the line is too long; at most ")
            line.add(decimal: Config.maxConfigurationLine)
            line.add(" bytes are allowed")
        case .control: line.add("the line holds a control byte; only text and tabs are allowed")
        }
    }
}

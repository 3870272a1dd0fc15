// Sources/Settings/Configuration+Environment.swift — variables, and what must hold between settings.

import Bytes
import Linux

extension Configuration {
    /// Reads the variables whose names begin with `ASYNC_NOSTD_`. One that is no setting is warned of.
    @_optimize(size)
    mutating func read(_ environment: borrowing Environment) {
        for index in 0..<environment.count {
            let variable = environment[index]
            guard variable.starts(with: "ASYNC_NOSTD_") else { continue }
            guard let equals = variable.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = variable.extracting(first: equals)
            guard let key = Key(variableName: name.extracting(droppingFirst: 12)) else {
                let excerpt = Excerpt(name)
                problems.addWarning { line in
                    line.write("environment: ")
                    excerpt.writePlain(into: &line)
                    line.write(": no such setting; it is ignored")
                }
                continue
            }
            do throws(ValueError) {
                try assign(key, variable.extracting(droppingFirst: equals + 1), at: .environment)
            } catch {
                problems.add { line in
                    line.write("environment: ")
                    key.writeVariableName(into: &line)
                    line.write(": ")
                    error.write(into: &line)
                }
            }
        }
    }

    /// Checks what one setting demands of another, once all are known to be right by themselves.
    mutating func checkRelations() {
        checkOrder(.closeSpread, .drainTimeout)
        checkOrder(.maxRequestTarget, .maxRequestHead)
    }

    /// Refuses a `lower` that is greater than `upper`, at the place where the lower one was set, if it was.
    @_optimize(size)
    private mutating func checkOrder(_ lower: Key, _ upper: Key) {
        guard settings[lower] > settings[upper] else { return }
        var (key, other) = (lower, upper)
        var bounds = Bounds(lower.bounds.unit, lower.bounds.least, settings[upper])
        if case .defaults = source(of: lower) {
            (key, other) = (upper, lower)
            bounds = Bounds(upper.bounds.unit, settings[lower], upper.bounds.greatest)
        }
        let source = source(of: key)
        let isGreater = key == lower
        let body = { [files] (line: inout ByteWriter) in
            if !source.isCommandLine {
                source.write(files, into: &line)
                line.write(": ")
            }
            source.writeName(of: key, into: &line)
            line.write(isGreater ? ": greater than " : ": less than ")
            source.writeName(of: other, into: &line)
            bounds.write(into: &line)
        }
        if source.isCommandLine { problems.addCommandLine(body) } else { problems.add(body) }
    }
}

extension Configuration.Source {
    /// Appends where a value was set: `/etc/x.conf:12`, `environment`, `command line`.
    @_optimize(size)
    func write(_ files: [Path], into line: inout ByteWriter) {
        switch self {
        case .defaults: line.write("default")
        case .file(let index, let number):
            line.append(escaping: files[index].bytes, keepingSpaces: true)
            line.write(":")
            line.write(decimal: number)
        case .environment: line.write("environment")
        case .commandLine: line.write("command line")
        }
    }

    /// Appends what `key` is called here.
    fileprivate func writeName(of key: Key, into line: inout ByteWriter) {
        switch self {
        case .environment: key.writeVariableName(into: &line)
        case .commandLine: key.writeOptionName(into: &line)
        default: line.write(key.name)
        }
    }
}

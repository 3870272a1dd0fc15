// Sources/Settings/EnvironmentReader.swift — settings from `ASYNC_NOSTD_…`.

import Bytes
import Linux

/// Reads the environment.
enum EnvironmentReader {
    /// Takes the variables whose names begin with `ASYNC_NOSTD_`. One that is no setting is warned of.
    @_optimize(size)
    static func read(_ environment: borrowing Environment, into configuration: inout Configuration) {
        for index in 0..<environment.count {
            let variable = environment[index]
            guard variable.starts(with: "ASYNC_NOSTD_") else { continue }
            guard let equals = variable.firstIndex(of: UInt8(ascii: "=")) else { continue }
            var line = Text()
            let name = variable.extracting(first: equals)
            guard let key = Key(name, at: .environment) else {
                line.add("environment: ")
                Excerpt(name).writePlain(into: &line)
                line.add(": no such setting; it is ignored")
                configuration.problems.addWarning(line)
                continue
            }
            do throws(ValueError) {
                try configuration.assign(key, variable.extracting(droppingFirst: equals + 1), at: .environment)
            } catch {
                line.add("environment: ")
                key.spec.writeName(for: .environment, into: &line)
                line.add(": ")
                error.write(into: &line)
                configuration.problems.add(line)
            }
        }
    }
}

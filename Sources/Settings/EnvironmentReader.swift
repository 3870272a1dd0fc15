// Sources/Settings/EnvironmentReader.swift — settings from `ASYNC_NOSTD_…`.

import Bytes
import Linux

/// Reads the environment.
enum EnvironmentReader {
    /// Takes the variables whose names begin with `ASYNC_NOSTD_`. One that is no setting is warned of.
    @_optimize(size)
    static func read(_ environment: borrowing Environment, into configuration: inout Configuration) {
        for index in 0..<environment.count where !configuration.problems.isFull {
            let variable = environment[index]
            guard variable.starts(with: "ASYNC_NOSTD_") else { continue }
            guard let equals = variable.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = variable.extracting(first: equals)
            guard let key = Key(name, at: .environment) else {
                configuration.problems.begin(.warning)
                configuration.problems.text.add("environment: ")
                Excerpt(name).writePlain(into: &configuration.problems.text)
                configuration.problems.text.add(": no such setting; it is ignored")
                configuration.problems.end()
                continue
            }
            do throws(ValueError) {
                try configuration.assign(key, variable.extracting(droppingFirst: equals + 1), at: .environment)
            } catch {
                configuration.problems.begin(.elsewhere)
                configuration.problems.text.add("environment: ")
                key.writeName(for: .environment, into: &configuration.problems.text)
                configuration.problems.text.add(": ")
                error.write(into: &configuration.problems.text)
                configuration.problems.end()
            }
        }
    }
}

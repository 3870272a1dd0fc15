// Tests/LinuxTests/EnvironmentTests.swift — environments as the kernel makes them.

import Glibc
import Linux
import Testing

@Suite struct EnvironmentTests {
    /// Calls `body` with an environment of `variables`.
    private func with(_ variables: [String], _ body: (borrowing Environment) -> Void) {
        var vector = variables.map { strdup($0) } + [nil]
        defer { for variable in vector { free(variable) } }
        vector.withUnsafeMutableBufferPointer { body(Environment($0.baseAddress)) }
    }

    private func text(_ bytes: borrowing Span<UInt8>) -> String {
        bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    @Test func everyVariableIsRead() {
        let variables = ["A=1", "", "B", "C==x=", "=", "LONG=" + String(repeating: "x", count: 5000)]
        with(variables) { environment in
            #expect(environment.count == variables.count)
            for (index, variable) in variables.enumerated() { #expect(text(environment[index]) == variable) }
        }
    }

    /// The value of `name` as a string.
    private func value(_ environment: borrowing Environment, _ name: StaticString) -> String? {
        guard let bytes = environment.value(of: name) else { return nil }
        return text(bytes)
    }

    @Test func aVariableIsFoundByItsWholeName() {
        with(["B", "AB=", "A=1", "A=2", "C==x=", "=empty"]) { environment in
            #expect(value(environment, "A") == "1")
            #expect(value(environment, "AB") == "")
            #expect(value(environment, "ABC") == nil)
            #expect(value(environment, "B") == nil)
            #expect(value(environment, "C") == "=x=")
            #expect(value(environment, "") == "empty")
        }
    }

    @Test func nothingIsAnEmptyEnvironment() {
        #expect(Environment(nil).count == 0)
        #expect(Environment.ofProcess.count == 0)
    }

    @Test func whatUnsetenvTookOutIsEmpty() {
        var vector = [strdup("A=1"), strdup("B=2"), nil]
        defer { for variable in vector { free(variable) } }
        vector.withUnsafeMutableBufferPointer { buffer in
            let environment = Environment(buffer.baseAddress)
            free(buffer[1])
            buffer[1] = nil
            #expect(environment.count == 2 && environment[1].isEmpty)
            #expect(value(environment, "B") == nil)
        }
    }

    @Test func aVariableBeyondTheLastOneTraps() async {
        await #expect(processExitsWith: .failure) { _ = Environment(nil)[0].count }
    }
}

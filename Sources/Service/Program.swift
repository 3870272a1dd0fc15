// Sources/Service/Program.swift — a program, from its arguments to its exit status.

import Bytes
import Linux
import Logging
import Net
import Options
import Primitives
import Runtime
import Server
import Settings

/// What both executables share.
package enum Program {
    /// Does what the process's arguments, its environment and its files ask for: usually it serves until a signal ends
    /// it.
    ///
    /// - Parameters:
    ///   - report: called with each line about a wrong configuration; nil: prints it on standard error.
    ///   - attach: fills in the callbacks to a service manager; if it returns false, having said why, the program ends.
    ///   - addRoutes: adds routes of the program's own.
    /// - Returns: the exit status: 0, 64 for wrong arguments, 78 for a wrong configuration, 1 for what the system
    ///   refused.
    package static func run(
        _ program: ProgramDefaults = .plain, report: ((LogLevel, borrowing Span<UInt8>) -> Void)? = nil,
        attach: (inout Supervisor) -> Bool = { _ in true }, addRoutes: (Router) -> Void = { _ in }
    ) -> Int32 {
        do throws(ConfigurationError) {
            var configuration = try Configuration.load(
                program, Arguments.ofProcess, Environment.ofProcess,
                report: report ?? { _, line in Console.report(line) })
            switch configuration.action {
            case .help: return Console.print { Usage.write(for: program, to: $0) }
            case .version: return Console.printLine { Usage.writeVersion(of: program, into: &$0) }
            case .check: return Console.printLine { $0.append("configuration ok\n") }
            case .print: return Console.print { configuration.write(to: $0) }
            case .run:
                var supervisor = Supervisor()
                guard attach(&supervisor) else { return ExitStatus.failure }
                return serve(program, configuration.settings, supervisor, addRoutes)
            }
        } catch {
            return error.exitStatus
        }
    }

    private static func serve(
        _ program: ProgramDefaults, _ settings: Settings, _ supervisor: Supervisor, _ addRoutes: (Router) -> Void
    ) -> Int32 {
        do throws(StartError) {
            var service = try Service(program, settings, supervisor, addRoutes)
            return service.run()
        } catch {
            var text: [512 of UInt8] = .init(repeating: 0)
            let length = text.write { line in
                line.append(LogTag.start.text.bytes)
                line.append(.space)
                error.describe(settings, into: &line)
            }
            let line = text.span.extracting(first: length)
            if let journal = supervisor.journal {
                journal(LogRecord(.lifecycle, .error, line))
            } else {
                Console.fail(program.name) { error.describe(settings, into: &$0) }
            }
            supervisor.failed(error.reason, line.extracting(droppingFirst: LogTag.start.text.count + 1))
            return ExitStatus.failure
        }
    }
}

/// Exit statuses, as sysexits.h has them.
enum ExitStatus {
    static var success: Int32 { 0 }
    static var failure: Int32 { 1 }
}

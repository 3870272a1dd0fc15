// Sources/Service/Program.swift — the program `async-nostd`, from its arguments to its exit status.

import Linux
import Net
import Primitives
import Runtime
import Server
import Settings
import Utilities

/// What both executables share.
public enum Program {
    /// Runs the server by the process's arguments, until a signal ends it.
    ///
    /// - Returns: the exit status: 0, 64 for wrong arguments, 1 for what the system refused.
    public static func run() -> Int32 {
        do throws(OptionError) {
            var settings = Settings()
            switch try Options.parse(Arguments.ofProcess, into: &settings) {
            case .help: return Console.print(Options.usage)
            case .version: return Console.print { Options.writeVersion(into: &$0) }
            case .run: return serve(settings)
            }
        } catch {
            Console.fail { error.describe(into: &$0) }
            return ExitStatus.usage
        }
    }

    private static func serve(_ settings: Settings) -> Int32 {
        do throws(StartError) {
            var service = try Service.start(settings)
            return service.run()
        } catch {
            Console.fail { error.describe(settings, into: &$0) }
            return ExitStatus.failure
        }
    }
}

/// Exit statuses, as sysexits.h has them.
enum ExitStatus {
    static var success: Int32 { 0 }
    static var failure: Int32 { 1 }
    static var usage: Int32 { 64 }
}

// Sources/Settings/CommandLineParser.swift — `async-nostd [WORKERS] [IP] [PORT] [OPTION...]`.

import Bytes
import Linux

/// Reads a command line.
enum CommandLineParser {
    /// Reads the words from left to right; of an option that is given twice, the last counts.
    ///
    /// `--help` and `--version` end the reading where they stand, and so does an option that does not exist: whether
    /// the next word is its value cannot be known.
    @_optimize(size)
    static func read(_ arguments: borrowing Arguments, into configuration: inout Configuration) {
        var operands = 0
        var optionsEnded = false
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            index += 1
            // A lone `-` is no option.
            if optionsEnded || argument.count < 2 || argument[0] != UInt8(ascii: "-") {
                takeOperand(operands, argument, &configuration)
                operands += 1
                continue
            }
            if argument.spells("--") {
                optionsEnded = true
                continue
            }
            // `--option` and perhaps `=value`.
            let nameEnd = argument.firstIndex(of: UInt8(ascii: "=")) ?? argument.count
            let name = argument.extracting(first: nameEnd)
            guard let option = CommandLineOption(name) else {
                return configuration.problems.refuse("option", name, "no such option; see --help")
            }
            if case .action(let asked) = option {
                if nameEnd < argument.count {
                    configuration.problems.refuse("option", name, "takes no value")
                } else {
                    configuration.action = asked
                    if asked == .help || asked == .version { return }
                }
            } else if nameEnd < argument.count {
                take(option, argument.extracting(droppingFirst: nameEnd + 1), &configuration)
            } else if index < arguments.count {
                take(option, arguments[index], &configuration)
                index += 1
            } else {
                configuration.problems.refuse("option", name, "a value is missing; see --help")
            }
        }
    }

    /// Takes word `number` of those that are no options: WORKERS, IP, PORT.
    @_optimize(size)
    @inline(never)
    private static func takeOperand(
        _ number: Int, _ text: borrowing Span<UInt8>, _ configuration: inout Configuration
    ) {
        do throws(ValueProblem) {
            switch number {
            case 0: return takeWorkers(text, &configuration)
            case 1:
                configuration.settings.listen = [try parseAddress(text, port: Config.defaultPort)]
                configuration.noteSource(of: Key("Listen"), .commandLine)
            case 2:
                // `--set listen=` may stand between IP and PORT.
                guard let family = configuration.settings.listen.first?.family else {
                    return configuration.problems.refuse("PORT", text, "an IP is needed")
                }
                guard family != .unix else {
                    return configuration.problems.refuse("PORT", text, "a Unix socket has no port")
                }
                let port = try Bounds.port.parse(text)
                configuration.settings.listen[0].port = UInt16(truncatingIfNeeded: port)
            default:
                configuration.problems.refuse(
                    "argument", text, "one argument too many; only WORKERS IP PORT are allowed")
            }
        } catch {
            // So that a port after it is looked at as well.
            if number == 1 { configuration.settings.listen = [Settings.defaultAddress] }
            configuration.problems.refuse(number == 1 ? "IP" : "PORT", ValueError(text, error))
        }
    }

    private static func takeWorkers(_ text: borrowing Span<UInt8>, _ configuration: inout Configuration) {
        do throws(ValueError) {
            try configuration.assign(Key("Workers"), text, at: .commandLine)
        } catch {
            configuration.problems.refuse("WORKERS", error)
        }
    }

    /// Takes the value of an option that has one.
    @_optimize(size)
    private static func take(
        _ option: CommandLineOption, _ value: borrowing Span<UInt8>, _ configuration: inout Configuration
    ) {
        switch option {
        case .action: break
        case .set: takeAssignment(value, &configuration)
        case .config:
            guard !value.isEmpty, let path = Path(value) else {
                return configuration.problems.refuse("--config", value, "a path of 1 to 255 bytes is needed")
            }
            configuration.namedFile = path
        case .setting(let key):
            do throws(ValueError) {
                // An option does not empty a list: `--set origins=` does.
                guard !value.isEmpty || !key.spec.kind.isList else { throw ValueError(value, .mismatch(key.spec.kind)) }
                try configuration.assign(key, value, at: .commandLine)
            } catch {
                configuration.problems.begin(.commandLine)
                key.writeName(for: .option, into: &configuration.problems.text)
                configuration.problems.text.add(" ")
                error.write(into: &configuration.problems.text)
                configuration.problems.end()
            }
        }
    }

    /// Takes `NAME=VALUE` of `--set`. An error shows both.
    @_optimize(size)
    private static func takeAssignment(_ text: borrowing Span<UInt8>, _ configuration: inout Configuration) {
        guard let equals = text.firstIndex(of: UInt8(ascii: "=")) else {
            return configuration.problems.refuse("--set", text, "must be NAME=VALUE")
        }
        guard let key = Key(text.extracting(first: equals), at: .commandLine) else {
            return refuseName(text, &configuration.problems)
        }
        do throws(ValueError) {
            try configuration.assign(key, text.extracting(droppingFirst: equals + 1), at: .commandLine)
        } catch {
            configuration.problems.refuse("--set", ValueError(text, error.problem))
        }
    }

    /// Refuses the name in an assignment, and shows all that there are.
    @_optimize(size)
    private static func refuseName(_ text: borrowing Span<UInt8>, _ problems: inout Problems) {
        problems.begin(.commandLine)
        problems.text.add("--set ")
        Excerpt(text).write(into: &problems.text)
        problems.text.add(": no such setting; NAME must be ")
        for number in 0..<Key.count {
            if number > 0 { problems.text.add(number < Key.count - 1 ? ", " : " or ") }
            Key(number: number).writeName(for: .commandLine, into: &problems.text)
        }
        problems.end()
    }
}

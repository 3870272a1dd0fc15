// Sources/Settings/Options.swift — from the command line to settings.

import Linux
import Utilities

/// The command line: `async-nostd [WORKERS] [IP] [PORT] [OPTION...]`.
public enum Options {
    /// What the command line asks for.
    public enum Action: Sendable {
        /// To serve.
        case run
        /// To print ``usage`` and end.
        case help
        /// To print ``writeVersion(into:)`` and end.
        case version
    }

    /// Reads `arguments` from left to right into `settings`; of an option that is given twice, the last counts.
    ///
    /// - Throws: ``OptionError`` for the first wrong argument. `--help` and `--version` end the reading where they stand.
    @_optimize(size)
    public static func parse(
        _ arguments: borrowing Arguments, into settings: inout Settings
    ) throws(OptionError) -> Action {
        var reader = OptionReader()
        var index = 0
        // What an error would be about.
        var subject: StaticString = "option"
        var text = Span<UInt8>()
        do throws(OptionError.Problem) {
            while index < arguments.count {
                let argument = arguments[index]
                text = argument
                index += 1
                if reader.isOperand(argument) {
                    subject = reader.nextOperand
                    try reader.takeOperand(argument, into: &settings)
                    continue
                }
                if argument.spells("--") {
                    reader.optionsEnded = true
                    continue
                }
                // `--option` and perhaps `=value`.
                let nameEnd = argument.firstIndex(of: UInt8(ascii: "=")) ?? argument.count
                subject = "option"
                text = argument.extracting(first: nameEnd)
                guard let option = Option(text) else { throw .unknownOption }
                if option == .help || option == .version {
                    guard nameEnd == argument.count else { throw .badValue(option) }
                    return option == .help ? .help : .version
                }
                if nameEnd < argument.count {
                    text = argument.extracting(droppingFirst: nameEnd + 1)
                } else {
                    guard index < arguments.count else { throw .missingValue }
                    text = arguments[index]
                    index += 1
                }
                subject = option.name
                try settings.take(option, text)
            }
        } catch {
            throw OptionError(subject, text, error)
        }
        return .run
    }
}

/// What has been seen of the command line.
private struct OptionReader {
    /// Whether `--` has been seen.
    var optionsEnded = false
    private var operands = 0

    /// Whether `argument` is no option. A lone `-` is none.
    func isOperand(_ argument: borrowing Span<UInt8>) -> Bool {
        optionsEnded || argument.count < 2 || argument[0] != UInt8(ascii: "-")
    }

    /// What the next operand stands for.
    var nextOperand: StaticString {
        switch operands {
        case 0: "WORKERS"
        case 1: "IP"
        case 2: "PORT"
        default: "argument"
        }
    }

    @_optimize(size)
    @inline(never)
    mutating func takeOperand(
        _ text: borrowing Span<UInt8>, into settings: inout Settings
    ) throws(OptionError.Problem) {
        operands += 1
        switch operands {
        case 1: settings.workers = try Quantity.workers.parse(text)
        case 2:
            do throws(SocketAddressError) {
                settings.address = try SocketAddress(parsing: text, port: Config.defaultPort)
            } catch {
                throw .badAddress(error)
            }
        case 3:
            guard settings.address.family != .unix else { throw .portOfUnixSocket }
            settings.set(.port, to: try Quantity.port.parse(text))
        default: throw .tooManyOperands
        }
    }

}

extension Settings {
    @_optimize(size)
    fileprivate mutating func take(_ option: Option, _ value: borrowing Span<UInt8>) throws(OptionError.Problem) {
        switch option {
        case .reactor where value.spells("epoll"): reactor = .epoll
        case .reactor where value.spells("ppoll"): reactor = .ppoll
        case .accept where value.spells("workers"): acceptMode = .workers
        case .accept where value.spells("thread"): acceptMode = .thread
        case .logLevel where value.spells("error"): logLevel = .error
        case .logLevel where value.spells("warning"): logLevel = .warning
        case .logLevel where value.spells("info"): logLevel = .info
        case .logLevel where value.spells("debug"): logLevel = .debug
        case .logFile where value.spells("-"): logDestination = .standardError
        case .logFile where value.spells("off"): logDestination = .off
        case .logFile:
            guard !value.isEmpty, let path = Path(value) else { throw .badValue(option) }
            logDestination = .file
            logFile = path
        case .origins: try takeOrigins(value)
        case .set: try takeAssignment(value)
        default: throw .badValue(option)
        }
    }

    /// The list of `--origins`: `https://example.org http://localhost:3000`, or `*`.
    private mutating func takeOrigins(_ text: borrowing Span<UInt8>) throws(OptionError.Problem) {
        origins.removeAll()
        var colons = 0
        for index in text.indices {
            guard text[index] >= .space, text[index] < 0x7F else { throw .badValue(.origins) }
            if text[index] == UInt8(ascii: ":") { colons += 1 }
            origins.append(text[index])
        }
        guard colons > 0 || text.spells("*") else { throw .badValue(.origins) }
    }

    /// `NAME=VALUE` of `--set`.
    private mutating func takeAssignment(_ text: borrowing Span<UInt8>) throws(OptionError.Problem) {
        guard let equals = text.firstIndex(of: UInt8(ascii: "=")) else { throw .badValue(.set) }
        guard let limit = Quantity(limit: text.extracting(first: equals)) else { throw .unknownLimit }
        set(limit, to: try limit.parse(text.extracting(droppingFirst: equals + 1)))
    }
}

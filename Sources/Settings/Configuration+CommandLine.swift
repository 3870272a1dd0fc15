// Sources/Settings/Configuration+CommandLine.swift — `async-nostd [WORKERS] [IP] [PORT] [OPTION...]`.

import Bytes
import Linux

extension Configuration {
    /// Reads the words of the command line from left to right; of an option that is given twice, the last counts.
    ///
    /// `--help` and `--version` end the reading where they stand, and so does an option that does not exist: whether
    /// the next word is its value, nobody knows.
    @_optimize(size)
    mutating func read(_ arguments: borrowing Arguments) {
        var operands = 0
        var optionsEnded = false
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            index += 1
            // A lone `-` is no option.
            if optionsEnded || argument.count < 2 || argument[0] != UInt8(ascii: "-") {
                takeOperand(operands, argument)
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
            guard let option = Option(name) else { return refuse("option", name, "no such option; see --help") }
            if let asked = option.action {
                if nameEnd < argument.count {
                    refuse("option", name, "takes no value")
                } else {
                    action = asked
                    if asked == .help || asked == .version { return }
                }
            } else if nameEnd < argument.count {
                take(option, argument.extracting(droppingFirst: nameEnd + 1))
            } else if index < arguments.count {
                take(option, arguments[index])
                index += 1
            } else {
                refuse("option", name, "a value is missing; see --help")
            }
        }
    }

    /// Takes word `number` of those that are no options: WORKERS, IP, PORT.
    @_optimize(size)
    @inline(never)
    private mutating func takeOperand(_ number: Int, _ text: borrowing Span<UInt8>) {
        do throws(ValueProblem) {
            switch number {
            case 0:
                settings[.workers] = try Key.workers.bounds.parse(text)
                noteSource(of: .workers, .commandLine)
            case 1:
                settings.listen = [try parseAddress(text, port: Config.defaultPort)]
                noteSource(of: .listen, .commandLine)
            case 2:
                // `--set listen=` may stand between IP and PORT.
                guard let family = settings.listen.first?.family else { return refuse("PORT", text, "an IP is needed") }
                guard family != .unix else { return refuse("PORT", text, "a Unix socket has no port") }
                let port = try Bounds.port.parse(text)
                settings.listen[0].port = UInt16(truncatingIfNeeded: port)
            default: refuse("argument", text, "one argument too many; only WORKERS IP PORT are allowed")
            }
        } catch {
            // So that a port after it is looked at as well.
            if number == 1 { settings.listen = [Settings.defaultAddress] }
            let wrong = ValueError(text, error)
            refuse(number == 0 ? "WORKERS" : number == 1 ? "IP" : "PORT", wrong)
        }
    }

    /// Takes the value of an option that has one.
    @_optimize(size)
    private mutating func take(_ option: Option, _ value: borrowing Span<UInt8>) {
        do throws(ValueError) {
            if let key = option.key {
                // An empty list of origins is nobody's wish here: `--set origins=` can say it.
                guard key != .origins || !value.isEmpty else { throw ValueError(value, .mismatch(key)) }
                try assign(key, value, at: .commandLine)
            } else if option == .set {
                try takeAssignment(value)
            } else {
                guard !value.isEmpty, let path = Path(value) else {
                    return refuse(option.name, value, "a path of 1 to 255 bytes is needed")
                }
                namedFile = path
            }
        } catch {
            refuse(option.name, error)
        }
    }

    /// Takes `NAME=VALUE` of `--set`. An error shows both.
    @_optimize(size)
    private mutating func takeAssignment(_ text: borrowing Span<UInt8>) throws(ValueError) {
        guard let equals = text.firstIndex(of: UInt8(ascii: "=")) else {
            return refuse("--set", text, "must be NAME=VALUE")
        }
        guard let key = Key(optionName: text.extracting(first: equals)) else { return refuseName(text) }
        do throws(ValueError) {
            try assign(key, text.extracting(droppingFirst: equals + 1), at: .commandLine)
        } catch {
            throw ValueError(text, error.problem)
        }
    }

    // MARK: Errors

    @inline(never)
    private mutating func refuse(_ subject: StaticString, _ text: borrowing Span<UInt8>, _ reason: StaticString) {
        let excerpt = Excerpt(text)
        problems.addCommandLine { line in
            line.write(subject)
            line.write(" ")
            excerpt.write(into: &line)
            line.write(": ")
            line.write(reason)
        }
    }

    @inline(never)
    private mutating func refuse(_ subject: StaticString, _ error: ValueError) {
        problems.addCommandLine { line in
            line.write(subject)
            line.write(" ")
            error.write(into: &line)
        }
    }

    /// Refuses the name in an assignment, and shows all that there are.
    @_optimize(size)
    private mutating func refuseName(_ text: borrowing Span<UInt8>) {
        let excerpt = Excerpt(text)
        problems.addCommandLine { line in
            line.write("--set ")
            excerpt.write(into: &line)
            line.write(": no such setting; NAME must be ")
            for number in 0..<Key.count {
                if number > 0 { line.write(number < Key.count - 1 ? ", " : " or ") }
                Key(number: number).writeOptionName(into: &line)
            }
        }
    }
}

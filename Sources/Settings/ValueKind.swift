// Sources/Settings/ValueKind.swift — the kinds of values: what each allows, from text to a value, and back.

import Bytes
import Linux

/// How a value is written.
struct ValueStyle: Sendable {
    /// Whether a list is added to, and not replaced.
    var appends = false
    /// Whether `\xHH` and `\\` stand for a byte, as in files.
    var hasEscapes = false
}

/// What a key's value may be.
enum ValueKind: Sendable {
    /// A number of what the bounds say.
    case number(Bounds)
    /// One of some words, each with a line feed; the value is the number of the line, from 0 on.
    case choice(StaticString)
    /// Yes or no, in systemd's words.
    case flag
    /// A list of socket addresses.
    case addresses
    /// A list of origins.
    case origins
    /// A file, `-` or `off`.
    case logFile

    /// Things from `least` to `greatest`.
    @inline(__always)
    static func count(_ least: Int, _ greatest: Int) -> ValueKind { .number(Bounds(.count, least, greatest)) }

    /// A time; bounds in milliseconds.
    @inline(__always)
    static func time(_ least: Int = Config.minTimeout, _ greatest: Int = Config.maxTimeout) -> ValueKind {
        .number(Bounds(.time, least, greatest))
    }

    /// A size; bounds in bytes.
    @inline(__always)
    static func size(_ least: Int, _ greatest: Int) -> ValueKind { .number(Bounds(.size, least, greatest)) }

    /// The bounds of a number.
    var bounds: Bounds? {
        if case .number(let bounds) = self { return bounds }
        return nil
    }

    /// Whether a value has several items.
    var isList: Bool {
        switch self {
        case .addresses, .origins: true
        default: false
        }
    }

    // MARK: From text

    /// The value that `text` stands for; an empty text is an empty list.
    ///
    /// - Parameters:
    ///   - old: the value so far, which a list may be added to.
    ///   - style: how the text is written.
    /// - Throws: ``ValueError`` that shows the text, or the item of a list that is wrong.
    @_optimize(size)
    @inline(never)
    func parse(
        _ text: borrowing Span<UInt8>, after old: Value, _ style: ValueStyle
    ) throws(ValueError) -> Value {
        switch self {
        case .addresses:
            var list: [SocketAddress] = []
            if case .addresses(let some) = old, style.appends, !text.isEmpty { list = some }
            return .addresses(try addresses(text, after: list, style))
        case .origins:
            var list: [UInt8] = []
            if case .origins(let some) = old, style.appends, !text.isEmpty { list = some }
            return .origins(try origins(text, after: list))
        default:
            do throws(ValueProblem) {
                return try parseOne(text, style)
            } catch {
                throw ValueError(text, error)
            }
        }
    }

    /// The value of what is no list.
    @_optimize(size)
    private func parseOne(_ text: borrowing Span<UInt8>, _ style: ValueStyle) throws(ValueProblem) -> Value {
        switch self {
        case .number(let bounds): return .number(try bounds.parse(text))
        case .choice(let words):
            guard let number = words.lineNumber(of: text) else { throw .mismatch(self) }
            return .number(number)
        case .flag:
            guard let number = flagWords.lineNumber(of: text) else { throw .mismatch(self) }
            return .number(number & 1)
        default:
            if text.spells("-") { return .logFile(.standardError, []) }
            if text.spells("off") { return .logFile(.off, []) }
            let bytes = unescaped(text, style)
            guard !text.isEmpty, Path(bytes.span) != nil else { throw .mismatch(self) }
            return .logFile(.file, bytes)
        }
    }

    @_optimize(size)
    private func addresses(
        _ text: borrowing Span<UInt8>, after old: [SocketAddress], _ style: ValueStyle
    ) throws(ValueError) -> [SocketAddress] {
        var list = old
        var words = Words()
        while let word = words.next(in: text) {
            do throws(ValueProblem) {
                let bytes = unescaped(text.extracting(word), style)
                guard list.count < Config.maxAddresses else { throw .tooManyAddresses }
                list.append(try parseListen(bytes.span))
            } catch {
                throw ValueError(text.extracting(word), error)
            }
        }
        return list
    }

    /// The list of origins, `https://example.org http://localhost:3000`, or `*`.
    @_optimize(size)
    private func origins(_ text: borrowing Span<UInt8>, after old: [UInt8]) throws(ValueError) -> [UInt8] {
        var list = old
        var words = Words()
        while let word = words.next(in: text) {
            let origin = text.extracting(word)
            guard isOrigin(origin) else { throw ValueError(origin, .mismatch(self)) }
            guard list.count + origin.count < Config.maxOriginList else { throw ValueError(origin, .tooLong) }
            if !list.isEmpty { list.append(.space) }
            for index in origin.indices { list.append(origin[index]) }
        }
        return list
    }

    // MARK: Back to text

    /// Appends `value` as files have it: reading it gives the same value.
    @_optimize(size)
    func write(_ value: Value, into text: inout Text) {
        switch value {
        case .addresses(let list):
            for index in list.indices {
                if index > 0 { text.add(" ") }
                text.add(list[index])
            }
        case .origins(let list): text.add(list.span)
        case .logFile(.file, let path): text.add(escaping: path.span, keepingSpaces: false)
        case .logFile(let destination, _): text.add(destination == .off ? "off" : "-")
        case .number(let number):
            switch self {
            case .number(let bounds): bounds.unit.write(number, into: &text)
            case .choice(let words): text.add(words.line(number))
            default: text.add(flagWords.line(number))
            }
        }
    }

    /// Appends what is wrong with a value that is none of a choice, a list or a path.
    @_optimize(size)
    func writeMismatch(into writer: inout Text) {
        switch self {
        case .choice(let words):
            writer.add("must be ")
            Self.write(words, ", ", last: " or ", into: &writer)
        case .logFile: writer.add("a path of 1 to 255 bytes, - or off is needed")
        case .origins: writer.add("must be one or more such as https://example.org, with a space between them")
        case .addresses:
            writer.add("must be such as 8000, 127.0.0.1:8000, [::1]:8000, unix:/PATH or unix:@NAME")
        case .flag, .number: writer.add("must be yes or no")
        }
    }

    /// Appends the words of a choice with `link` between them, but `last` before the last.
    @_optimize(size)
    @inline(never)
    static func write(
        _ words: StaticString, _ link: StaticString, last: StaticString, into writer: inout Text
    ) {
        var number = 0
        while case let word = words.line(number), word.utf8CodeUnitCount > 0 {
            if number > 0 { writer.add(words.line(number + 1).utf8CodeUnitCount > 0 ? link : last) }
            writer.add(word)
            number += 1
        }
    }
}

/// The words for no and yes in turns: the lowest bit of a line's number is the value.
private let flagWords: StaticString = "no\nyes\nfalse\ntrue\noff\non\n0\n1\n"

/// Whether `text` is `*`, or holds a colon and nothing but visible ASCII; a backslash would be an escape.
private func isOrigin(_ text: borrowing Span<UInt8>) -> Bool {
    for index in text.indices where text[index] <= .space || text[index] >= 0x7F || text[index] == UInt8(ascii: "\\") {
        return false
    }
    return text.firstIndex(of: UInt8(ascii: ":")) != nil || text.spells("*")
}

/// `text` with `\xHH` and `\\` for single bytes, if its style has them.
@_optimize(size)
@inline(never)
private func unescaped(_ text: borrowing Span<UInt8>, _ style: ValueStyle) -> [UInt8] {
    var bytes: [UInt8] = []
    var index = 0
    while index < text.count {
        let isEscape = style.hasEscapes && text[index] == UInt8(ascii: "\\")
        if isEscape, index + 3 < text.count, text[index + 1] == UInt8(ascii: "x"),
            let high = text[index + 2].hexadecimalValue, let low = text[index + 3].hexadecimalValue
        {
            bytes.append(high << 4 | low)
            index += 4
        } else {
            if isEscape, index + 1 < text.count, text[index + 1] == UInt8(ascii: "\\") { index += 1 }
            bytes.append(text[index])
            index += 1
        }
    }
    return bytes
}

/// A walk over the words of a list, which blanks part.
private struct Words {
    private var position = 0

    /// The next word's place in `text`, the same as in the call before.
    mutating func next(in text: borrowing Span<UInt8>) -> Range<Int>? {
        while position < text.count, text[position].isBlank { position += 1 }
        let start = position
        while position < text.count, !text[position].isBlank { position += 1 }
        return start < position ? start..<position : nil
    }
}

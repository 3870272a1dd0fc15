// Sources/Settings/Settings+Values.swift — from text to a setting, and back.

import Bytes
import Linux

/// How a value is written.
struct ValueStyle: Sendable {
    /// Whether a list is added to, and not replaced.
    var appends = false
    /// Whether `\xHH` and `\\` stand for a byte, as in files.
    var hasEscapes = false
}

extension Settings {
    /// Sets `key` to what `text` stands for; an empty text empties a list. Nothing is changed if it is wrong.
    @_optimize(size)
    mutating func set(_ key: Key, _ text: borrowing Span<UInt8>, _ style: ValueStyle) throws(ValueError) {
        switch key.kind {
        case .addresses:
            let old = key == .listen ? listen : adminListen
            let new = try addresses(key, text, after: style.appends ? old : [], style)
            if key == .listen { listen = new } else { adminListen = new }
        case .origins: origins = try origins(text, after: style.appends ? origins : [])
        default:
            do throws(ValueProblem) {
                try setOne(key, text, style)
            } catch {
                throw ValueError(text, error)
            }
        }
    }

    /// Sets what is no list.
    @_optimize(size)
    private mutating func setOne(
        _ key: Key, _ text: borrowing Span<UInt8>, _ style: ValueStyle
    ) throws(ValueProblem) {
        switch key.kind {
        case .choice:
            guard let number = key.choices.lineNumber(of: text) else { throw .mismatch(key) }
            self[key] = key.isSwitch ? number & 1 : number
        case .logFile where text.spells("-"): self[key] = LogDestination.standardError.rawValue
        case .logFile where text.spells("off"): self[key] = LogDestination.off.rawValue
        case .logFile:
            let bytes = unescaped(text, style)
            guard !text.isEmpty, let path = Path(bytes.span) else { throw .mismatch(key) }
            self[key] = LogDestination.file.rawValue
            logFile = path
        default: self[key] = try key.bounds.parse(text)
        }
    }

    @_optimize(size)
    private func addresses(
        _ key: Key, _ text: borrowing Span<UInt8>, after old: [SocketAddress], _ style: ValueStyle
    ) throws(ValueError) -> [SocketAddress] {
        var list = text.isEmpty ? [] : old
        var words = Words()
        while let word = words.next(in: text) {
            do throws(ValueProblem) {
                let bytes = unescaped(text.extracting(word), style)
                guard list.count < Config.maxAddresses else { throw .tooManyAddresses }
                list.append(try parseListen(bytes.span, key))
            } catch {
                throw ValueError(text.extracting(word), error)
            }
        }
        return list
    }

    /// The list of origins, `https://example.org http://localhost:3000`, or `*`.
    @_optimize(size)
    private func origins(_ text: borrowing Span<UInt8>, after old: [UInt8]) throws(ValueError) -> [UInt8] {
        var list = text.isEmpty ? [] : old
        var words = Words()
        while let word = words.next(in: text) {
            let origin = text.extracting(word)
            guard isOrigin(origin) else { throw ValueError(origin, .mismatch(.origins)) }
            guard list.count + origin.count < Config.maxOriginList else { throw ValueError(origin, .tooLong) }
            if !list.isEmpty { list.append(.space) }
            for index in origin.indices { list.append(origin[index]) }
        }
        return list
    }

    // MARK: Back to text

    /// Appends the value as files have it: the same settings come of reading it.
    @_optimize(size)
    func write(_ key: Key, into text: inout Text) {
        switch key.kind {
        case .addresses:
            let list = key == .listen ? listen : adminListen
            for index in list.indices {
                text.add { writer in
                    if index > 0 { writer.write(" ") }
                    list[index].write(into: &writer)
                }
            }
        case .origins: text.add(origins.span)
        case .choice: text.add { $0.write(key.choices.line(self[key])) }
        case .logFile:
            switch logDestination {
            case .file: text.add { $0.append(escaping: logFile.bytes) }
            case .standardError: text.add { $0.write("-") }
            case .off: text.add { $0.write("off") }
            }
        case .number: text.add { key.bounds.unit.write(self[key], into: &$0) }
        }
    }
}

/// An address to listen on: `8000`, `127.0.0.1:8000`, `[::1]:8000`, `unix:/run/x.sock`, `unix:@name`.
@_optimize(size)
private func parseListen(_ text: borrowing Span<UInt8>, _ key: Key) throws(ValueProblem) -> SocketAddress {
    if text.starts(with: "unix:") { return try parseAddress(text, port: 0) }
    var host = text.count
    while host > 0 && text[host - 1] != UInt8(ascii: ":") { host -= 1 }
    let portText = text.extracting(droppingFirst: host)
    guard let number = portText.decimal else { throw .mismatch(key) }
    guard let port = UInt16(exactly: number) else { throw .outOfRange(.port) }
    if host == 0 {
        var address = Settings.defaultAddress
        address.port = port
        return address
    }
    let hostText = text.extracting(first: host - 1)
    // `::1:8000` may be an address without a port.
    if let colon = hostText.firstIndex(of: UInt8(ascii: ":")), colon >= 0, hostText[0] != UInt8(ascii: "[") {
        throw .mismatch(key)
    }
    return try parseAddress(hostText, port: port)
}

/// What the operand IP may be.
@_optimize(size)
func parseAddress(_ text: borrowing Span<UInt8>, port: UInt16) throws(ValueProblem) -> SocketAddress {
    do throws(SocketAddressError) {
        return try SocketAddress(parsing: text, port: port)
    } catch {
        throw .badAddress(error)
    }
}

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
struct Words {
    private var position = 0

    /// The next word's place in `text`, the same as in the call before.
    mutating func next(in text: borrowing Span<UInt8>) -> Range<Int>? {
        while position < text.count, text[position].isBlank { position += 1 }
        let start = position
        while position < text.count, !text[position].isBlank { position += 1 }
        return start < position ? start..<position : nil
    }
}

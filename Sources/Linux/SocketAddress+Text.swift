// Sources/Linux/SocketAddress+Text.swift — addresses as text: written, read, and what is wrong with one.
// A file of its own since the system calls need only the binary form.

import Bytes

extension SocketAddress {
    /// Most bytes that ``write(into:)`` appends to a log line: a Unix name of escapes alone.
    @inline(__always) public static var maxTextLength: Int { 6 + 4 * 108 }

    /// Appends the address in the form that people and logs use.
    ///
    ///     127.0.0.1:8000   [2001:db8::1]:8000   [fe80::1%2]:8000   unix:/run/x.sock   unix:@name   unix:   unknown
    ///
    /// IPv6 is in the canonical form of RFC 5952; an IPv4 address mapped into IPv6 is shown as IPv4. An unnamed Unix
    /// socket is `unix:`. A peer chooses its Unix name, so bytes in it that are not printable ASCII, spaces and
    /// backslashes are written as `\xHH`: a name cannot forge a line or a field. Cost: about 30 ns for IPv4, 170 ns for
    /// IPv6.
    public func write(into writer: inout ByteWriter) {
        if let octets = ipv4Octets {
            writer.append(ipv4: octets)
        } else {
            switch family {
            case .ipv6: writeIPv6(into: &writer)
            case .unix: return writeUnixName(into: &writer)
            default: return writer.append("unknown")
            }
        }
        writer.append(UInt8(ascii: ":"))
        writer.append(small: Int(port))
    }

    /// Appends the address without its port: `127.0.0.1`, `2001:db8::1`, or `unix:` and the peer's name.
    public func writeHost(into writer: inout ByteWriter) {
        if let octets = ipv4Octets {
            writer.append(ipv4: octets)
        } else {
            switch family {
            case .ipv6: writeIPv6(into: &writer, inBrackets: false)
            case .unix: writeUnixName(into: &writer)
            default: writer.append("unknown")
            }
        }
    }

    /// `[groups%scope]`: the longest run of two or more zero groups, the first of equals, becomes `::` (RFC 5952 4.2).
    @_optimize(size)
    private func writeIPv6(into writer: inout ByteWriter, inBrackets: Bool = true) {
        var gap = 0..<0
        var runStart = 0
        for index in 0..<8 {
            if ipv6Group(index) != 0 {
                runStart = index + 1
            } else if index + 1 - runStart > Swift.max(gap.count, 1) {
                gap = runStart..<index + 1
            }
        }
        if inBrackets { writer.append(UInt8(ascii: "[")) }
        var index = 0
        while index < 8 {
            if index == gap.lowerBound && !gap.isEmpty {
                writer.append("::")
                index = gap.upperBound
                continue
            }
            if index > 0 && index != gap.upperBound { writer.append(UInt8(ascii: ":")) }
            writer.append(hexadecimal: UInt64(ipv6Group(index)))
            index += 1
        }
        let scope = scope
        if scope != 0 {
            writer.append(UInt8(ascii: "%"))
            writer.append(decimal: UInt64(scope))
        }
        if inBrackets { writer.append(UInt8(ascii: "]")) }
    }

    private func writeUnixName(into writer: inout ByteWriter) {
        writer.append(isUnixAbstract ? "unix:@" : "unix:")
        writer.append(escaping: unixName)
    }
}

extension ByteWriter {
    fileprivate mutating func append(ipv4 octets: [4 of UInt8]) {
        append(small: Int(octets[0]))
        for index in 1..<4 {
            append(UInt8(ascii: "."))
            append(small: Int(octets[index]))
        }
    }

    /// Appends `0...65535` without the 20-digit buffer of `append(decimal:)`, which would cost more than the digits do.
    @inline(never)
    fileprivate mutating func append(small number: Int) {
        if number >= 10000 { append(digit: number / 10000) }
        if number >= 1000 { append(digit: number / 1000) }
        if number >= 100 { append(digit: number / 100) }
        if number >= 10 { append(digit: number / 10) }
        append(digit: number)
    }

    @inline(never)
    private mutating func append(digit number: Int) {
        append(UInt8(truncatingIfNeeded: number % 10) &+ 0x30)
    }
}

extension SocketAddress {
    /// The address that `text` spells; host names are not looked up. Cost: one pass or two, no heap.
    ///
    ///     127.0.0.1   ::1   [fe80::1%2]   ::ffff:10.0.0.1   unix:/run/x.sock   unix:@name
    ///
    /// IPv4 is four decimal numbers, IPv6 is any form of RFC 4291 2.2 with an interface's number after `%`.
    ///
    /// - Parameter port: the port of an IPv4 or IPv6 address; `text` holds none.
    @_optimize(size)
    public init(parsing text: borrowing Span<UInt8>, port: UInt16) throws(SocketAddressError) {
        guard !text.isEmpty else { throw .empty }
        if text.starts(with: "unix:") {
            let name = text.extracting(droppingFirst: 5)
            if !name.isEmpty && name[0] == UInt8(ascii: "@") {
                try self.init(unixAbstractName: name.extracting(droppingFirst: 1))
            } else {
                try self.init(unixPath: name)
            }
        } else if text[0] == UInt8(ascii: "[") {
            guard let closing = text.firstIndex(of: UInt8(ascii: "]")) else { throw .unclosedBracket }
            guard closing == text.count - 1 else { throw .unexpectedPort }
            try self.init(parsingIPv6: text.extracting(1..<closing), port: port)
        } else if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            if let dot = text.firstIndex(of: UInt8(ascii: ".")), dot < colon { throw .unexpectedPort }
            try self.init(parsingIPv6: text, port: port)
        } else {
            for index in text.indices where !text[index].isDigit && text[index] != UInt8(ascii: ".") {
                throw .notAnAddress
            }
            self.init(ipv4: try parseIPv4(text), port: port)
        }
    }

    /// `text` is what may stand between brackets: the address and its scope.
    @_optimize(size)
    private init(parsingIPv6 text: borrowing Span<UInt8>, port: UInt16) throws(SocketAddressError) {
        guard let percent = text.firstIndex(of: UInt8(ascii: "%")) else {
            self.init(ipv6: try parseIPv6(text), port: port)
            return
        }
        let groups = try parseIPv6(text.extracting(first: percent))
        let scope = try parseScope(text.extracting(droppingFirst: percent + 1))
        self.init(ipv6: groups, port: port, scope: scope)
    }
}

/// Parses exactly four decimal numbers of 0 to 255. A leading zero is refused: to some programs it means octal.
@_optimize(size)
private func parseIPv4(_ text: borrowing Span<UInt8>) throws(SocketAddressError) -> [4 of UInt8] {
    var octets: [4 of UInt8] = [0, 0, 0, 0]
    var position = 0
    var digits = 0
    var value = 0
    for index in text.indices {
        let byte = text[index]
        if byte.isDigit {
            if digits > 0 && value == 0 { throw .leadingZero }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            guard value <= 255 else { throw .octetOutOfRange }
            digits += 1
            octets[position] = UInt8(truncatingIfNeeded: value)
        } else {
            guard byte == UInt8(ascii: ".") && digits > 0 && position < 3 else { throw .malformedIPv4 }
            position += 1
            digits = 0
            value = 0
        }
    }
    guard position == 3 && digits > 0 else { throw .malformedIPv4 }
    return octets
}

/// Parses the forms of RFC 4291 2.2: eight groups; `::` for one or more groups of zeros; IPv4 for the last two groups.
@_optimize(size)
private func parseIPv6(_ text: borrowing Span<UInt8>) throws(SocketAddressError) -> [8 of UInt16] {
    var groups: [8 of UInt16] = .init(repeating: 0)
    var count = 0
    var gap: Int?  // how many groups stand before `::`
    var index = 0
    if text.count >= 2 && text[0] == UInt8(ascii: ":") && text[1] == UInt8(ascii: ":") {
        gap = 0
        index = 2
    }
    while index < text.count {
        let start = index
        var value: UInt16 = 0
        while index < text.count, index - start < 4, let digit = text[index].hexadecimalValue {
            value = value << 4 | UInt16(digit)
            index += 1
        }
        guard index > start && count < 8 else { throw .malformedIPv6 }
        if index < text.count && text[index] == UInt8(ascii: ".") {
            guard count <= 6 else { throw .malformedIPv6 }
            let octets = try parseIPv4(text.extracting(droppingFirst: start))
            groups[count] = UInt16(octets[0]) << 8 | UInt16(octets[1])
            groups[count + 1] = UInt16(octets[2]) << 8 | UInt16(octets[3])
            count += 2
            break
        }
        groups[count] = value
        count += 1
        guard index < text.count else { break }
        // A single colon wants a group after it; a second one is the gap, of which there may be one.
        guard text[index] == UInt8(ascii: ":") && index + 1 < text.count else { throw .malformedIPv6 }
        index += 1
        if text[index] == UInt8(ascii: ":") {
            guard gap == nil else { throw .malformedIPv6 }
            gap = count
            index += 1
        }
    }
    guard let gap else {
        guard count == 8 else { throw .malformedIPv6 }
        return groups
    }
    guard count < 8 else { throw .malformedIPv6 }
    var spread: [8 of UInt16] = .init(repeating: 0)
    for position in 0..<gap { spread[position] = groups[position] }
    for position in gap..<count { spread[position + 8 - count] = groups[position] }
    return spread
}

private func parseScope(_ text: borrowing Span<UInt8>) throws(SocketAddressError) -> UInt32 {
    guard let value = text.decimal, let scope = UInt32(exactly: value) else { throw .badScope }
    return scope
}

/// What is wrong with a socket address, for the person who wrote it.
@frozen public enum SocketAddressError: UInt8, Error {
    /// There is no text.
    case empty
    /// Neither an IPv4 nor an IPv6 address nor `unix:`; perhaps a host name.
    case notAnAddress
    /// Not four numbers with a dot between each two.
    case malformedIPv4
    /// An IPv4 number above 255.
    case octetOutOfRange
    /// An IPv4 number such as `010`, which some programs read as octal.
    case leadingZero
    /// None of the forms of RFC 4291 2.2.
    case malformedIPv6
    /// `[` without `]`.
    case unclosedBracket
    /// What follows `%` is not an interface's number.
    case badScope
    /// A port, or something else, after the address.
    case unexpectedPort
    /// `unix:` or `unix:@` with nothing after it.
    case emptyUnixName
    /// A Unix path that does not begin with `/`.
    case relativeUnixPath
    /// A Unix path or abstract name of more than ``SocketAddress/maxUnixName`` bytes.
    case unixNameTooLong
    /// A NUL in a Unix path or abstract name.
    case nulInUnixName

    /// The fault and what would be right, to stand after the address and a colon.
    public var text: StaticString { texts.line(Int(rawValue)) }
}

/// The texts in the order of their cases.
private let texts: StaticString = """
    empty; an IP address or unix:PATH is needed
    not an IP address or unix:PATH; host names are not looked up
    not four decimal numbers with dots between, such as 127.0.0.1
    a number above 255 in an IPv4 address
    a number with a leading zero in an IPv4 address
    not an IPv6 address, such as ::1 or 2001:db8::7
    a [ without its ]
    an IPv6 scope must be an interface's number, 0 to 4294967295
    an address without a port is needed here
    unix: needs a path, or @ and a name
    a Unix path must begin with /, an abstract name with @
    a Unix path or abstract name has at most 107 bytes
    a NUL in a Unix path or abstract name

    """

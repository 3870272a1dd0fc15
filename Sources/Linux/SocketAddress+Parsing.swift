// Sources/Linux/SocketAddress+Parsing.swift — from text to an address.

import Bytes

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

// Sources/Linux/SocketAddress+Formatting.swift — from an address to text, for the log.

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

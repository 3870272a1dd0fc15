// Sources/HTTP/Authority.swift — host and port.

import Bytes

/// Checks `uri-host [ ":" port ]` (RFC 9110 §7.2, RFC 3986 §3.2).
enum Authority {
    /// Whether `bytes` are a host with an optional port. The host may be empty, as may the port after its colon.
    ///
    /// User information is refused (RFC 9110 §4.2.4). The address between brackets is checked for its characters only.
    static func isValid(_ bytes: Span<UInt8>) -> Bool {
        guard let end = endOfHost(bytes) else { return false }
        guard end < bytes.count else { return true }
        guard bytes[end] == UInt8(ascii: ":") else { return false }
        for index in end + 1..<bytes.count where !bytes[index].isDigit { return false }
        return true
    }

    /// Whether `bytes` are a host that is not empty and a port, the target of CONNECT (RFC 9112 §3.2.3).
    static func isValidWithPort(_ bytes: Span<UInt8>) -> Bool {
        guard let end = endOfHost(bytes), end > 0 else { return false }
        return end + 1 < bytes.count && isValid(bytes)
    }

    /// Where the host ends, or nil if there is none.
    @inline(__always)
    private static func endOfHost(_ bytes: Span<UInt8>) -> Int? {
        guard bytes.count > 0, bytes[0] == UInt8(ascii: "[") else { return endOfName(bytes) }
        var index = 1
        while index < bytes.count, ByteSet.addressLiteral.contains(bytes[index]) { index += 1 }
        guard index > 1, index < bytes.count, bytes[index] == UInt8(ascii: "]") else { return nil }
        return index + 1
    }

    @inline(__always)
    private static func endOfName(_ bytes: Span<UInt8>) -> Int? {
        var index = 0
        while index < bytes.count {
            if ByteSet.registeredName.contains(bytes[index]) {
                index += 1
            } else if bytes[index] == UInt8(ascii: "%") {
                guard index + 2 < bytes.count, bytes[index + 1].hexadecimalValue != nil,
                    bytes[index + 2].hexadecimalValue != nil
                else { return nil }
                index += 3
            } else {
                break
            }
        }
        return index
    }
}

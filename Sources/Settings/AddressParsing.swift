// Sources/Settings/AddressParsing.swift — socket addresses as `Listen=` and the operand IP have them.

import Bytes
import Linux

/// An address to listen on: `8000`, `127.0.0.1:8000`, `[::1]:8000`, `unix:/run/x.sock`, `unix:@name`.
@_optimize(size)
func parseListen(_ text: borrowing Span<UInt8>) throws(ValueProblem) -> SocketAddress {
    if text.starts(with: "unix:") { return try parseAddress(text, port: 0) }
    var host = text.count
    while host > 0 && text[host - 1] != UInt8(ascii: ":") { host -= 1 }
    let portText = text.extracting(droppingFirst: host)
    guard let number = portText.decimal else { throw .mismatch(.addresses) }
    guard let port = UInt16(exactly: number) else { throw .outOfRange(.port) }
    if host == 0 {
        var address = Settings.defaultAddress
        address.port = port
        return address
    }
    let hostText = text.extracting(first: host - 1)
    // `::1:8000` may be an address without a port.
    if let colon = hostText.firstIndex(of: UInt8(ascii: ":")), colon >= 0, hostText[0] != UInt8(ascii: "[") {
        throw .mismatch(.addresses)
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

// Sources/Server/CombinedAccessLog.swift — requests in Apache's Combined Log Format.

import Bytes
import HTTP
import Linux
import Logging
import Net

/// Writes `192.0.2.1 - - [22/Nov/2026:16:33:00 +0000] "GET / HTTP/1.1" 200 1730 "-" "curl/7.88.1"`: a line for each
/// request, without a tag, for the tools that read access logs.
///
/// What a client has sent is escaped as Apache does it, so that it ends neither its quotes nor the line.
final class CombinedAccessLog: AccessLog {
    override func answered(_ connection: HTTPConnectionHandler, _ index: Int, _ route: StaticString) {
        refused(connection)
    }

    override func refused(_ connection: HTTPConnectionHandler) {
        let exchange = connection.exchange
        Self.write(
            connection.descriptor, exchange.head, connection.input, exchange.status, exchange.cycle.bodyBytes)
    }

    override func malformed(
        _ connection: HTTPConnectionHandler, _ status: Status, _ reason: StaticString, _ bytes: Int
    ) {
        Self.write(connection.descriptor, nil, connection.input, status, bytes)
    }

    /// Logs a request whose head lies at the start of `bytes`; nil if they are not a request.
    private static func write(
        _ descriptor: FileDescriptor, _ head: RequestHead?, _ bytes: borrowing Span<UInt8>, _ status: Status,
        _ bodyBytes: Int
    ) {
        let peer = peer(of: descriptor)
        let bytes = bytes.extracting(first: bytes.count)
        Log.writeBare { line in
            peer.writeHost(into: &line)
            line.append(" - - [")
            append(CivilDate(unixSeconds: Int(Clock.unixMilliseconds / 1000)), to: &line)
            line.append("] \"")
            if let head {
                append(bytes[head.methodRange], to: &line)
                line.append(.space)
                append(bytes[head.target], to: &line)
                line.append(head.version == .http11 ? " HTTP/1.1" : " HTTP/1.0")
            } else {
                line.append("-")
            }
            line.append("\" ")
            line.append(decimal: Int(status.code))
            line.append(.space)
            if bodyBytes > 0 { line.append(decimal: bodyBytes) } else { line.append("-") }
            append(field: "Referer", head, bytes, to: &line)
            append(field: "User-Agent", head, bytes, to: &line)
        }
    }

    private static func peer(of descriptor: FileDescriptor) -> SocketAddress {
        do throws(Errno) {
            return try descriptor.peerAddress()
        } catch {
            return SocketAddress()
        }
    }

    private static func append(_ date: CivilDate, to line: inout ByteWriter) {
        let months: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"
        line.append(padded: date.day, width: 2)
        line.append("/")
        line.append(months.bytes.extracting((date.month - 1) * 3..<date.month * 3))
        line.append("/")
        line.append(padded: date.year, width: 4)
        line.append(":")
        line.append(padded: date.hour, width: 2)
        line.append(":")
        line.append(padded: date.minute, width: 2)
        line.append(":")
        line.append(padded: date.second, width: 2)
        line.append(" +0000")
    }

    private static func append(
        field name: StaticString, _ head: RequestHead?, _ bytes: borrowing Span<UInt8>, to line: inout ByteWriter
    ) {
        line.append(" \"")
        if let value = head?.field(name, in: bytes.extracting(first: bytes.count)), value.count > 0 {
            append(value, to: &line)
        } else {
            line.append("-")
        }
        line.append("\"")
    }

    /// Appends what a client has sent, as far as its share of the line goes.
    private static func append(_ text: borrowing Span<UInt8>, to line: inout ByteWriter) {
        // Room stays for the server's own words that follow.
        let end = Swift.min(line.count + Config.maxLoggedPath * 2, line.capacity - Config.logLineReserve)
        for index in text.indices {
            guard line.count < end else { return }
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                line.append(UInt8(ascii: "\\"))
                line.append(byte)
            case .tab: line.append("\\t")
            case .space..<0x7F: line.append(byte)
            default:
                line.append("\\x")
                line.append(hexadecimal: UInt64(byte), digits: 2)
            }
        }
    }
}

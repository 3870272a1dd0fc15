// Tests/LinuxTests/SocketAddressTextTests.swift — parsing and formatting, against tables and glibc's inet_pton.

import Bytes
import Glibc
import Testing

@testable import Linux

private func parse(_ text: String, port: UInt16 = 80) throws(SocketAddressError) -> SocketAddress {
    try SocketAddress(parsing: Array(text.utf8).span, port: port)
}

private func text(of address: SocketAddress, capacity: Int = 512) -> (text: String, overflowed: Bool) {
    let room = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    defer { room.deallocate() }
    var writer = ByteWriter(unsafeBase: room, capacity: capacity)
    address.write(into: &writer)
    let text = String(decoding: UnsafeBufferPointer(start: room, count: writer.count), as: UTF8.self)
    return (text, writer.overflowed)
}

@Suite struct SocketAddressTextTests {
    /// What is written, and how it is printed: RFC 4291 2.2 and 2.5.5, RFC 5952 4 and 5, RFC 4007 11.
    @Test(arguments: [
        ("0.0.0.0", "0.0.0.0:80"),
        ("127.0.0.1", "127.0.0.1:80"),
        ("255.255.255.255", "255.255.255.255:80"),
        ("10.20.30.9", "10.20.30.9:80"),
        ("::", "[::]:80"),
        ("::1", "[::1]:80"),
        ("1::", "[1::]:80"),
        ("[::1]", "[::1]:80"),
        ("2001:db8:0:0:1:0:0:1", "[2001:db8::1:0:0:1]:80"),
        ("2001:0db8::0001", "[2001:db8::1]:80"),
        ("2001:db8:0:1:1:1:1:1", "[2001:db8:0:1:1:1:1:1]:80"),
        ("2001:0:0:1:0:0:0:1", "[2001:0:0:1::1]:80"),
        ("2001:DB8::ABCD", "[2001:db8::abcd]:80"),
        ("ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "[abcd:ef01:2345:6789:abcd:ef01:2345:6789]:80"),
        ("0:1:2:3:4:5:6:7", "[0:1:2:3:4:5:6:7]:80"),
        ("::1:2:3:4:5:6:7", "[0:1:2:3:4:5:6:7]:80"),
        ("1:2:3:4:5:6:7::", "[1:2:3:4:5:6:7:0]:80"),
        ("1:2:3:4:5:6:0:0", "[1:2:3:4:5:6::]:80"),
        ("0:0:3:4:5:6:7:8", "[::3:4:5:6:7:8]:80"),
        ("64:ff9b::192.0.2.33", "[64:ff9b::c000:221]:80"),
        ("1:2:3:4:5:6:1.2.3.4", "[1:2:3:4:5:6:102:304]:80"),
        ("::ffff:10.0.0.1", "10.0.0.1:80"),
        ("::ffff:a00:1", "10.0.0.1:80"),
        ("::10.0.0.1", "[::a00:1]:80"),
        ("fe80::1%2", "[fe80::1%2]:80"),
        ("[fe80::1%4294967295]", "[fe80::1%4294967295]:80"),
        ("fe80::1%0", "[fe80::1]:80"),
        ("unix:/run/x.sock", "unix:/run/x.sock"),
        ("unix:@name", "unix:@name"),
        ("unix:@/a", "unix:@/a"),
        ("unix:/a b\\c\n\u{e9}\u{7f}", "unix:/a\\x20b\\x5cc\\x0a\\xc3\\xa9\\x7f"),
    ])
    func anAddressIsReadAndWrittenCanonically(written: String, printed: String) throws {
        #expect(text(of: try parse(written)).text == printed)
    }

    @Test(arguments: [
        ("", SocketAddressError.empty),
        ("localhost", .notAnAddress), ("1.2.3.4 ", .notAnAddress), ("-1.2.3.4", .notAnAddress),
        ("0x7f.0.0.1", .notAnAddress), ("unix", .notAnAddress), ("1.2.3.4/8", .notAnAddress),
        ("1", .malformedIPv4), ("1.2.3", .malformedIPv4), ("1.2.3.", .malformedIPv4), (".1.2.3", .malformedIPv4),
        ("1..2.3", .malformedIPv4), ("1.2.3.4.", .malformedIPv4), ("1.2.3.4.5", .malformedIPv4), (".", .malformedIPv4),
        ("256.0.0.1", .octetOutOfRange), ("1.2.3.1000", .octetOutOfRange), ("99999999999999999999", .octetOutOfRange),
        ("01.2.3.4", .leadingZero), ("1.2.3.00", .leadingZero), ("1.2.3.010", .leadingZero),
        (":", .malformedIPv6), (":::", .malformedIPv6), ("::1::", .malformedIPv6), ("1:2:3:4:5:6:7", .malformedIPv6),
        ("1:2:3:4:5:6:7:8:9", .malformedIPv6), ("1:2:3:4:5:6:7:8::", .malformedIPv6),
        ("::1:2:3:4:5:6:7:8", .malformedIPv6),
        ("1:", .malformedIPv6), (":1", .malformedIPv6), ("1::2:", .malformedIPv6), ("12345::", .malformedIPv6),
        ("::g", .malformedIPv6), ("::1.2.3", .malformedIPv4), ("::1.2.3.4:5", .malformedIPv4),
        ("1:2:3:4:5:6:7:1.2.3.4", .malformedIPv6), ("::01.2.3.4", .leadingZero), ("::256.1.1.1", .octetOutOfRange),
        ("[]", .malformedIPv6), ("[1.2.3.4]", .malformedIPv6), ("[::1", .unclosedBracket), ("[", .unclosedBracket),
        ("::1]", .malformedIPv6), ("[[::1]]", .unexpectedPort),
        ("1.2.3.4:80", .unexpectedPort), ("[::1]:80", .unexpectedPort), ("example.org:80", .unexpectedPort),
        ("fe80::1%", .badScope), ("fe80::1%eth0", .badScope), ("fe80::1%4294967296", .badScope),
        ("fe80::1%18446744073709551617", .badScope), ("fe80::1%1%2", .badScope), ("fe80%1::1", .malformedIPv6),
        ("unix:", .emptyUnixName), ("unix:@", .emptyUnixName), ("unix:a", .relativeUnixPath),
        ("unix:/a\0b", .nulInUnixName), ("unix:@\0", .nulInUnixName), ("UNIX:/a", .malformedIPv6),
    ])
    func aWrongAddressIsRefusedWithItsReason(written: String, error: SocketAddressError) {
        #expect(throws: error) { try parse(written) }
        #expect(error.text.utf8CodeUnitCount > 10)
    }

    @Test func aUnixNameHasAtMost107Bytes() throws {
        for prefix in ["unix:/", "unix:@/"] {
            _ = try parse(prefix + String(repeating: "a", count: 106))
            #expect(throws: SocketAddressError.unixNameTooLong) {
                try parse(prefix + String(repeating: "a", count: 107))
            }
        }
    }

    @Test func aNameOfEscapesAloneFitsTheLongestText() {
        let worst = SocketAddress(kernelBytes: ([1, 0, 0] + [UInt8](repeating: 10, count: 107)).span)
        let (text, overflowed) = text(of: worst, capacity: SocketAddress.maxTextLength)
        #expect(!overflowed)
        #expect(text == "unix:@" + String(repeating: "\\x0a", count: 107))
    }

    @Test func aWriterThatIsTooSmallOverflows() throws {
        #expect(text(of: try parse("127.0.0.1"), capacity: 11).overflowed)
        #expect(!text(of: try parse("127.0.0.1"), capacity: 12).overflowed)
    }

    @Test(arguments: [UInt16(0), 1, 9, 10, 80, 99, 100, 999, 1000, 8000, 9999, 10000, 40312, 65535])
    func everyPortIsPrintedInDecimal(port: UInt16) throws {
        #expect(text(of: try parse("1.2.3.4", port: port)).text == "1.2.3.4:\(port)")
        #expect(try parse("::1", port: port).port == port)
    }

    @Test func everyOctetIsPrintedInDecimal() {
        for octet in UInt8.min...UInt8.max {
            let address = SocketAddress(ipv4: [octet, 0, 7, octet], port: 1)
            #expect(text(of: address).text == "\(octet).0.7.\(octet):1")
        }
    }

    @Test func whatTheKernelDoesNotNameIsPrintedAsSuch() {
        #expect(text(of: SocketAddress()).text == "unknown")
        #expect(text(of: SocketAddress(kernelBytes: ([40, 0, 1, 2, 3, 4] as [UInt8]).span)).text == "unknown")
        #expect(text(of: SocketAddress(kernelBytes: ([1, 0] as [UInt8]).span)).text == "unix:")
    }

    /// Cuts, doubles and swaps pieces of good addresses: whatever comes of it, glibc and we agree on it.
    @Test func glibcAcceptsTheSameAddresses() {
        var random = SystemRandomNumberGenerator()
        let seeds = [
            "127.0.0.1", "255.250.9.100", "2001:db8::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "::", "fe80::",
            "0:0::1.1.1.1",
        ]
        let alphabet = Array("0123459afF:.::.".utf8)
        var accepted = 0
        for _ in 0..<40_000 {
            var bytes = Array(seeds.randomElement(using: &random)!.utf8)
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let place = Int.random(in: 0...bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.insert(alphabet.randomElement(using: &random)!, at: place)
                case 1 where place < bytes.count: bytes.remove(at: place)
                case 2 where place < bytes.count: bytes[place] = alphabet.randomElement(using: &random)!
                default: break
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let parsed = try? parse(text)
            #expect(
                (parsed.map { $0.kernelBytes.withUnsafeBufferPointer { Array($0) } }) == glibcAddress(text), "\(text)")
            accepted += parsed == nil ? 0 : 1
        }
        #expect(accepted > 5_000)
    }

    @Test func glibcPrintsRandomIPv6AddressesAlike() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            var groups: [8 of UInt16] = .init(repeating: 0)
            for index in 0..<8 where Bool.random(using: &random) {
                groups[index] = .random(in: 0...0xffff, using: &random)
            }
            groups[0] |= 1  // not an IPv4 address in IPv6: glibc prints some of those with dots
            let address = SocketAddress(ipv6: groups, port: 1)
            var buffer = [CChar](repeating: 0, count: 64)
            address.kernelBytes.withUnsafeBufferPointer { bytes in
                _ = inet_ntop(AF_INET6, bytes.baseAddress! + 8, &buffer, 64)
            }
            let printed = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
            #expect(text(of: address).text == "[\(printed)]:1")
            #expect(try parse(printed, port: 1) == address)
        }
    }
}

/// The `sockaddr` for port 80 that glibc makes of an IPv4 or IPv6 address.
private func glibcAddress(_ text: String) -> [UInt8]? {
    var ipv4 = sockaddr_in()
    ipv4.sin_family = sa_family_t(AF_INET)
    ipv4.sin_port = UInt16(80).bigEndian
    if inet_pton(AF_INET, text, &ipv4.sin_addr) == 1 { return withUnsafeBytes(of: ipv4) { Array($0) } }
    var ipv6 = sockaddr_in6()
    ipv6.sin6_family = sa_family_t(AF_INET6)
    ipv6.sin6_port = UInt16(80).bigEndian
    if inet_pton(AF_INET6, text, &ipv6.sin6_addr) == 1 { return withUnsafeBytes(of: ipv6) { Array($0) } }
    return nil
}

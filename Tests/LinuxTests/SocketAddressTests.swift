// Tests/LinuxTests/SocketAddressTests.swift — the kernel's bytes, against Glibc's structs and the kernel itself.

import Bytes
import Glibc
import Testing

@testable import Linux

@Suite struct SocketAddressTests {
    @Test func anIPv4AddressIsASockaddrIn() {
        var expected = sockaddr_in()
        expected.sin_family = sa_family_t(AF_INET)
        expected.sin_port = UInt16(8000).bigEndian
        expected.sin_addr.s_addr = inet_addr("192.0.2.7")
        let address = SocketAddress(ipv4: [192, 0, 2, 7], port: 8000)
        #expect(bytes(of: address) == memory(of: expected))
    }

    @Test func anIPv6AddressIsASockaddrIn6() {
        var expected = sockaddr_in6()
        expected.sin6_family = sa_family_t(AF_INET6)
        expected.sin6_port = UInt16(443).bigEndian
        expected.sin6_scope_id = 0x0102_0304
        #expect(inet_pton(AF_INET6, "fe80::1234:5678", &expected.sin6_addr) == 1)
        let address = SocketAddress(ipv6: [0xfe80, 0, 0, 0, 0, 0, 0x1234, 0x5678], port: 443, scope: 0x0102_0304)
        #expect(bytes(of: address) == memory(of: expected))
        #expect(address.scope == 0x0102_0304)
    }

    @Test func aUnixPathIsASockaddrUn() throws {
        let path = "/run/x.sock"
        let address = try SocketAddress(unixPath: Array(path.utf8).span)
        #expect(MemoryLayout<sockaddr_un>.size == SocketAddress.capacity)
        #expect(MemoryLayout<sockaddr_un>.offset(of: \.sun_path) == 2)
        #expect(bytes(of: address) == [UInt8(AF_UNIX), 0] + Array(path.utf8) + [0])
        #expect(string(address.unixName) == path)
        #expect(!address.isUnixAbstract)
    }

    @Test func anAbstractNameHasANULBeforeAndNoneAfter() throws {
        let address = try SocketAddress(unixAbstractName: Array("x".utf8).span)
        #expect(bytes(of: address) == [UInt8(AF_UNIX), 0, 0, UInt8(ascii: "x")])
        #expect(string(address.unixName) == "x")
        #expect(address.isUnixAbstract)
    }

    @Test func familiesHaveTheNumbersOfTheKernel() {
        #expect(SocketAddress.Family.unix.rawValue == UInt16(AF_UNIX))
        #expect(SocketAddress.Family.ipv4.rawValue == UInt16(AF_INET))
        #expect(SocketAddress.Family.ipv6.rawValue == UInt16(AF_INET6))
    }

    @Test func theKernelsBytesMakeTheSameAddress() throws {
        for text in ["1.2.3.4", "fe80::1%9", "unix:/a", "unix:@b"] {
            let address = try SocketAddress(parsing: Array(text.utf8).span, port: 80)
            #expect(SocketAddress(kernelBytes: bytes(of: address).span) == address)
        }
    }

    @Test func tooFewBytesAreNoAddress() throws {
        for text in ["1.2.3.4", "::1"] {
            let all = bytes(of: try SocketAddress(parsing: Array(text.utf8).span, port: 80))
            for length in 0..<all.count {
                let cut = SocketAddress(kernelBytes: Array(all[..<length]).span)
                #expect(cut.family == nil && cut.port == 0 && cut.scope == 0)
                #expect(cut.ipv4Octets == nil)
            }
        }
    }

    @Test func tooManyBytesAreCut() {
        let address = SocketAddress(kernelBytes: ([1, 0, 47] + [UInt8](repeating: 97, count: 200)).span)
        #expect(address.kernelBytes.count == SocketAddress.capacity)
        #expect(address.unixName.count == 108)
    }

    @Test func thePortCanBeChanged() {
        var address = SocketAddress(ipv4: [127, 0, 0, 1], port: 0)
        address.port = 0xabcd
        #expect(address.port == 0xabcd)
        #expect(address == SocketAddress(ipv4: [127, 0, 0, 1], port: 0xabcd))
        #expect(address != SocketAddress(ipv4: [127, 0, 0, 1], port: 0xabce))
    }

    @Test func theKernelBindsItAndGivesItBack() throws {
        let name = "async-nostd-test-\(getpid())"
        for text in ["127.0.0.1", "unix:@" + name, "unix:/tmp/" + name] {
            let address = try SocketAddress(parsing: Array(text.utf8).span, port: 0)
            let socket = socket(Int32(try #require(address.family).rawValue), Int32(SOCK_STREAM.rawValue), 0)
            defer { close(socket) }
            let bound = address.withKernelPointer { pointer, length in
                bind(socket, pointer.assumingMemoryBound(to: sockaddr.self), length)
            }
            #expect(bound == 0)
            var answer = SocketAddress(ipv4: [255, 255, 255, 255], port: 65535)
            let named = answer.withKernelRoom { pointer, length in
                getsockname(socket, pointer.assumingMemoryBound(to: sockaddr.self), length)
            }
            #expect(named == 0)
            if answer.family == .ipv4 {
                #expect(answer.port != 0)
                answer.port = 0
            }
            #expect(answer == address)
        }
        unlink("/tmp/" + name)
    }

    @Test func anUnnamedPeerHasNoName() {
        var pair: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        var peer = SocketAddress()
        let result = peer.withKernelRoom { pointer, length in
            getpeername(pair[0], pointer.assumingMemoryBound(to: sockaddr.self), length)
        }
        #expect(result == 0 && peer.family == .unix && peer.unixName.isEmpty && !peer.isUnixAbstract)
        for descriptor in pair { close(descriptor) }
    }

    @Test func aLengthBeyondTheRoomIsCut() {
        var address = SocketAddress()
        address.withKernelRoom { pointer, length in
            pointer.storeBytes(of: 1, as: UInt16.self)
            length.pointee = 111
        }
        #expect(address.kernelBytes.count == 110)
    }
}

private func bytes(of address: SocketAddress) -> [UInt8] {
    address.kernelBytes.withUnsafeBufferPointer { Array($0) }
}

private func string(_ bytes: borrowing Span<UInt8>) -> String {
    String(decoding: bytes.withUnsafeBufferPointer { Array($0) }, as: UTF8.self)
}

private func memory<Value>(of value: Value) -> [UInt8] {
    withUnsafeBytes(of: value) { Array($0) }
}

// Tests/LinuxTests/ConstantsTests.swift — the constants that the kernel's exported headers leave out.

import CLinux
import Glibc
import Testing

@Suite struct ConstantsTests {
    @Test func socketConstantsAreThoseOfTheCLibrary() {
        #expect(Int(LINUX_AF_UNSPEC) == Int(AF_UNSPEC))
        #expect(Int(LINUX_AF_UNIX) == Int(AF_UNIX))
        #expect(Int(LINUX_AF_INET) == Int(AF_INET))
        #expect(Int(LINUX_AF_INET6) == Int(AF_INET6))
        #expect(UInt32(LINUX_SOCK_STREAM) == SOCK_STREAM.rawValue)
        #expect(UInt32(LINUX_SOCK_DGRAM) == SOCK_DGRAM.rawValue)
        #expect(UInt32(LINUX_SOCK_NONBLOCK) == SOCK_NONBLOCK.rawValue)
        #expect(UInt32(LINUX_SOCK_CLOEXEC) == SOCK_CLOEXEC.rawValue)
        #expect(Int(LINUX_MSG_NOSIGNAL) == Int(MSG_NOSIGNAL))
        #expect(Int(LINUX_MSG_MORE) == Int(MSG_MORE))
        #expect(Int(LINUX_MSG_DONTWAIT) == Int(MSG_DONTWAIT))
        #expect(Int(LINUX_SHUT_WR) == Int(SHUT_WR))
    }
}

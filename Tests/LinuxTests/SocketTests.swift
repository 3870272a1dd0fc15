// Tests/LinuxTests/SocketTests.swift — what a listener says of those who wait for it

import Testing

@testable import Linux

@Suite struct SocketTests {
    /// A listener at `address`, on a port of the kernel's choice.
    private func listener(at address: SocketAddress) throws -> OwnedFileDescriptor {
        let owned = try FileDescriptor.streamSocket(#require(address.family))
        try owned.descriptor.bind(to: address)
        try owned.descriptor.listen(backlog: 8)
        return owned
    }

    @Test func waitingConnectionsAreCounted() throws {
        let owned = try listener(at: SocketAddress(ipv4: [127, 0, 0, 1], port: 0))
        let descriptor = owned.descriptor
        let address = try descriptor.localAddress()
        #expect(descriptor.waitingConnections() == 0)
        var open: [FileDescriptor] = []
        defer { for descriptor in open { descriptor.close() } }
        for count in 1...3 {
            open.append(try FileDescriptor.streamSocket(.ipv4).release())
            // Over loopback the handshake is over when connect(2) returns, though it says that it is under way.
            #expect(throws: Errno.nowInProgress) { try open[count - 1].connect(to: address) }
            #expect(descriptor.waitingConnections() == count)
        }
        for left in [2, 1, 0] {
            var peer = SocketAddress()
            open.append(try #require(try descriptor.accept(peer: &peer)))
            #expect(descriptor.waitingConnections() == left)
        }
        var peer = SocketAddress()
        #expect(try descriptor.accept(peer: &peer) == nil)
    }

    @Test func unreadBytesAreCountedWithoutTheEnd() throws {
        let owned = try listener(at: SocketAddress(ipv4: [127, 0, 0, 1], port: 0))
        let near = try FileDescriptor.streamSocket(.ipv4)
        #expect(throws: Errno.nowInProgress) { try near.descriptor.connect(to: owned.descriptor.localAddress()) }
        var peer = SocketAddress()
        let far = try #require(try owned.descriptor.accept(peer: &peer))
        defer { far.close() }
        #expect(try far.unreadCount() == 0)
        let bytes: [3 of UInt8] = [1, 2, 3]
        _ = try near.descriptor.send(bytes.span)
        #expect(try far.unreadCount() == 3)
        try near.descriptor.shutdownSending()
        #expect(try far.unreadCount() == 3)
        #expect(throws: Errno.self) { try FileDescriptor(rawValue: -1).unreadCount() }
    }

    @Test func whatIsNoListenerOfTCPDoesNotKnow() throws {
        let unix = try FileDescriptor.streamSocket(.unix)
        #expect(unix.descriptor.waitingConnections() == nil)
        #expect(FileDescriptor(rawValue: -1).waitingConnections() == nil)
    }
}

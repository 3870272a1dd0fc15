// Sources/Net/Listener.swift — a socket that connections come to.

import Bytes
import Linux
import Runtime

/// A listening socket.
public struct Listener {
    /// Its descriptor, open for the process's life.
    public let descriptor: FileDescriptor
    /// What its connections are for.
    public let role: Role

    /// What connections are for.
    @frozen public enum Role: Sendable {
        /// Clients of the service.
        case service
        /// Operators of the service.
        case administration
    }

    /// Takes a listening socket that another process has made and may go on using. Its options stay as they are.
    public init(adopting descriptor: FileDescriptor, role: Role = .service) {
        self.descriptor = descriptor
        self.role = role
    }

    /// Binds and listens.
    ///
    /// A Unix socket's path that an earlier process left behind, and on which none listens, is taken over. An IPv6
    /// wildcard takes IPv4 connections too.
    ///
    /// - Throws: `addressInUse`, `permissionDenied` and what else socket(2), bind(2) and listen(2) say.
    public init(_ address: borrowing SocketAddress, role: Role = .service) throws(Errno) {
        guard let family = address.family else { throw .addressFamilyNotSupported }
        let socket = try FileDescriptor.streamSocket(family)
        switch family {
        case .unix:
            try Self.removeStale(address)
        case .ipv6:
            try socket.descriptor.setIPv6Only(false)
            fallthrough
        case .ipv4:
            try socket.descriptor.setReuseAddress()
            // Sockets that come from a listener have its options.
            try socket.descriptor.setNoDelay()
        }
        try socket.descriptor.bind(to: address)
        try socket.descriptor.listen(backlog: Config.listenBacklog)
        descriptor = socket.release()
        self.role = role
    }

    /// Removes a socket file on which no process listens.
    private static func removeStale(_ address: borrowing SocketAddress) throws(Errno) {
        guard !address.isUnixAbstract, let path = Path(address.unixName), File.isSocket(path) else { return }
        do throws(Errno) {
            let probe = try FileDescriptor.streamSocket(.unix)
            try probe.descriptor.connect(to: address)
        } catch .connectionRefused {
            return try File.remove(path)
        } catch {
            // It may be gone, or not be ours to connect to: bind(2) reports what it is.
            return
        }
        throw .addressInUse
    }

    /// Removes the socket file of a Unix address, at the end.
    public static func removeFile(of address: borrowing SocketAddress) {
        guard address.family == .unix, !address.isUnixAbstract, let path = Path(address.unixName) else { return }
        do throws(Errno) { try File.remove(path) } catch {
            // Another process has removed it.
        }
    }
}

// Sources/Linux/Socket.swift — stream sockets.

import Bytes
internal import CLinux

/// What a receive found.
package enum Received: Equatable, Sendable {
    /// So many bytes, at least 1.
    case bytes(Int)
    /// The peer sends no more.
    case end
    /// Nothing now.
    case wouldBlock

    /// What the result of recv(2) says, or of a receive through a ``IORing``.
    @inline(__always)
    package init(result: Int) throws(Errno) {
        if result > 0 {
            self = .bytes(result)
        } else if result == 0 {
            self = .end
        } else if result == -Int(EAGAIN) {
            self = .wouldBlock
        } else {
            throw Errno(result: result)
        }
    }
}

extension FileDescriptor {
    /// Makes a non-blocking stream socket: socket(2).
    package static func streamSocket(_ family: SocketAddress.Family) throws(Errno) -> OwnedFileDescriptor {
        let type = LINUX_SOCK_STREAM | LINUX_SOCK_NONBLOCK | LINUX_SOCK_CLOEXEC
        return OwnedFileDescriptor(
            result: try checked(linux_syscall3(number(__NR_socket), Int(family.rawValue), Int(type), 0)))
    }

    /// Gives the socket its address: bind(2).
    package func bind(to address: borrowing SocketAddress) throws(Errno) {
        _ = try unsafe address.withKernelPointer { pointer, length throws(Errno) in
            try checked(linux_syscall3(number(__NR_bind), argument, Int(bitPattern: pointer), Int(length)))
        }
    }

    /// Makes the kernel accept connections, up to `backlog` of them before ``accept(peer:)``: listen(2).
    package func listen(backlog: Int) throws(Errno) {
        _ = try checked(linux_syscall2(number(__NR_listen), argument, backlog))
    }

    /// Connects: connect(2). A non-blocking socket says `inProgress`.
    package func connect(to address: borrowing SocketAddress) throws(Errno) {
        _ = try unsafe address.withKernelPointer { pointer, length throws(Errno) in
            try checked(linux_syscall3(number(__NR_connect), argument, Int(bitPattern: pointer), Int(length)))
        }
    }

    /// The next connection, non-blocking, or nil where none waits: accept4(2).
    ///
    /// Connections that were reset before they got here, and the network's passing troubles, which accept(2) reports as
    /// errors, are skipped.
    package func accept(peer: inout SocketAddress) throws(Errno) -> FileDescriptor? {
        while true {
            let result = unsafe peer.withKernelRoom { room, length in
                // SAFETY: room for an address, and its length.
                linux_syscall4(
                    number(__NR_accept4), argument, Int(bitPattern: room), Int(bitPattern: length),
                    Int(LINUX_SOCK_NONBLOCK | LINUX_SOCK_CLOEXEC))
            }
            if result >= 0 { return FileDescriptor(rawValue: Int32(truncatingIfNeeded: result)) }
            switch Int32(truncatingIfNeeded: -result) {
            case EAGAIN: return nil
            case EINTR, ECONNABORTED, EPROTO, ENOPROTOOPT, ENETDOWN, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP,
                ENETUNREACH:
                continue
            default: throw Errno(result: result)
            }
        }
    }

    /// How many connections wait for ``accept(peer:)``: getsockopt(2) with TCP_INFO, whose `tcpi_unacked` is that for a
    /// listener, and `tcpi_sacked` how many may. Nil where that is not known, as for Unix sockets.
    ///
    /// It takes a seventh of the time of an accept that finds none: the kernel makes the new socket before it looks.
    package func waitingConnections() -> Int? {
        var info: [8 of UInt32] = .init(repeating: 0)
        var size = Int32(MemoryLayout<[8 of UInt32]>.size)
        // SAFETY: the kernel writes the first `size` bytes of its struct tcp_info, and how many that were.
        let result = unsafe withUnsafeMutablePointer(to: &info) { info in
            unsafe withUnsafeMutablePointer(to: &size) { size in
                linux_syscall5(
                    number(__NR_getsockopt), argument, Int(LINUX_IPPROTO_TCP), Int(LINUX_TCP_INFO),
                    Int(bitPattern: info), Int(bitPattern: size))
            }
        }
        return result == 0 && info[7] > 0 ? Int(info[6]) : nil
    }

    /// Receives at most `capacity` bytes: recvfrom(2), repeated on EINTR.
    ///
    /// - Safety: `capacity` bytes at `buffer` may be written.
    @inline(__always)
    @unsafe package func receive(into buffer: UnsafeMutablePointer<UInt8>, capacity: Int) throws(Errno) -> Received {
        while true {
            let result = linux_syscall6(
                number(__NR_recvfrom), argument, Int(bitPattern: buffer), capacity, 0, 0, 0)
            if result != -Int(EINTR) { return try Received(result: result) }
        }
    }

    /// Sends the start of `count` bytes: sendto(2), repeated on EINTR, without SIGPIPE.
    ///
    /// - Parameter more: whether more follows at once (MSG_MORE): the kernel holds back what fills no segment.
    /// - Returns: how many bytes the kernel took; 0 if it has no room now.
    /// - Safety: `count` bytes at `bytes` can be read.
    @inline(__always)
    @unsafe package func send(_ bytes: UnsafePointer<UInt8>, count: Int, more: Bool = false) throws(Errno) -> Int {
        let flags = LINUX_MSG_NOSIGNAL | (more ? LINUX_MSG_MORE : 0)
        return try sentCount {
            linux_syscall6(number(__NR_sendto), argument, Int(bitPattern: bytes), count, Int(flags), 0, 0)
        }
    }

    /// The same with a span.
    @inline(__always)
    package func send(_ bytes: borrowing Span<UInt8>, more: Bool = false) throws(Errno) -> Int {
        try unsafe bytes.withUnsafeBufferPointer { bytes throws(Errno) in
            guard let start = bytes.baseAddress else { return 0 }
            // SAFETY: the span is borrowed for the call.
            return unsafe try send(start, count: bytes.count, more: more)
        }
    }

    /// Sends the start of `count` pieces as one: sendmsg(2), repeated on EINTR, without SIGPIPE.
    ///
    /// - Parameter more: as for one piece.
    /// - Returns: how many bytes the kernel took; 0 if it has no room now.
    /// - Safety: `count` pieces at `pieces` can be read, and the bytes that each of them names.
    @unsafe package func send(_ pieces: UnsafePointer<IOVector>, count: Int, more: Bool = false) throws(Errno) -> Int {
        let flags = LINUX_MSG_NOSIGNAL | (more ? LINUX_MSG_MORE : 0)
        let message = unsafe linux_msghdr(pieces, count: count)
        // SAFETY: the message is this function's own.
        return try unsafe withUnsafePointer(to: message) { message throws(Errno) in
            try sentCount { linux_syscall3(number(__NR_sendmsg), argument, Int(bitPattern: message), Int(flags)) }
        }
    }

    /// How many bytes a send took, repeated on EINTR.
    @inline(__always)
    private func sentCount(_ call: () -> Int) throws(Errno) -> Int {
        while true {
            let result = call()
            if result != -Int(EINTR) { return try Self.sentCount(result: result) }
        }
    }

    /// How many bytes were sent by what send(2) says, or a send through a ``IORing``; 0 if the kernel had no
    /// room.
    @inline(__always)
    package static func sentCount(result: Int) throws(Errno) -> Int {
        result == -Int(EAGAIN) ? 0 : try checked(result)
    }

    /// Bytes that were sent and that the peer has not acknowledged yet: ioctl(2) with SIOCOUTQ, tcp(7).
    package func unsentCount() throws(Errno) -> Int {
        var count: Int32 = 0
        // SAFETY: the kernel writes four bytes.
        _ = try unsafe withUnsafeMutablePointer(to: &count) { count throws(Errno) in
            try checked(
                linux_syscall3(number(__NR_ioctl), argument, Int(SIOCOUTQ), Int(bitPattern: count)))
        }
        return Int(count)
    }

    /// Bytes of a socket that have come and were not read, the peer's end not counted: FIONREAD of ioctl(2).
    package func unreadCount() throws(Errno) -> Int {
        var count: Int32 = 0
        // SAFETY: the kernel writes four bytes.
        _ = try unsafe withUnsafeMutablePointer(to: &count) { count throws(Errno) in
            try checked(
                linux_syscall3(number(__NR_ioctl), argument, Int(FIONREAD), Int(bitPattern: count)))
        }
        return Int(count)
    }

    /// Ends the sending direction: the peer sees the end of the stream. shutdown(2).
    package func shutdownSending() throws(Errno) {
        _ = try checked(linux_syscall2(number(__NR_shutdown), argument, Int(LINUX_SHUT_WR)))
    }

    /// Lets a restarted server bind its old port at once: SO_REUSEADDR.
    package func setReuseAddress() throws(Errno) { try setOption(SOL_SOCKET, SO_REUSEADDR, 1) }

    /// Sends small segments at once: TCP_NODELAY. Not for Unix sockets.
    package func setNoDelay() throws(Errno) { try setOption(Int32(LINUX_IPPROTO_TCP), Int32(LINUX_TCP_NODELAY), 1) }

    /// Whether an IPv6 socket is for IPv6 alone: IPV6_V6ONLY.
    package func setIPv6Only(_ isOnly: Bool) throws(Errno) {
        try setOption(Int32(LINUX_IPPROTO_IPV6), Int32(LINUX_IPV6_V6ONLY), isOnly ? 1 : 0)
    }

    /// Sets O_NONBLOCK on the open file, for all processes that share it: fcntl(2).
    package func setNonBlocking() throws(Errno) {
        let flags = try checked(linux_syscall3(number(__NR_fcntl), argument, Int(F_GETFL), 0))
        _ = try checked(linux_syscall3(number(__NR_fcntl), argument, Int(F_SETFL), flags | Int(O_NONBLOCK)))
    }

    /// The address that the socket is bound to: getsockname(2).
    package func localAddress() throws(Errno) -> SocketAddress { try address(__NR_getsockname) }

    /// The address of the other side: getpeername(2).
    package func peerAddress() throws(Errno) -> SocketAddress { try address(__NR_getpeername) }

    private func address(_ call: Int32) throws(Errno) -> SocketAddress {
        var address = SocketAddress()
        _ = try unsafe address.withKernelRoom { room, length throws(Errno) in
            try checked(
                linux_syscall3(number(call), argument, Int(bitPattern: room), Int(bitPattern: length)))
        }
        return address
    }

    private func setOption(_ level: Int32, _ option: Int32, _ value: Int32) throws(Errno) {
        var value = value
        // SAFETY: the kernel reads four bytes.
        _ = try unsafe withUnsafePointer(to: &value) { value throws(Errno) in
            try checked(
                linux_syscall5(
                    number(__NR_setsockopt), argument, Int(level), Int(option), Int(bitPattern: value), 4))
        }
    }
}

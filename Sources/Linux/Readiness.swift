// Sources/Linux/Readiness.swift — what descriptors are ready for.

/// What a descriptor is ready for, or asked about: the bits that epoll and poll share.
@frozen public struct Readiness: OptionSet, Sendable {
    /// The kernel's bits.
    public let rawValue: UInt32

    /// The set with the kernel's bits `rawValue`.
    @inline(__always)
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Bytes, a connection or the end of the stream can be read: EPOLLIN, POLLIN.
    public static var readable: Readiness { Readiness(rawValue: 0x001) }
    /// There is room to write: EPOLLOUT, POLLOUT.
    public static var writable: Readiness { Readiness(rawValue: 0x004) }
    /// An error is pending: EPOLLERR, POLLERR.
    public static var error: Readiness { Readiness(rawValue: 0x008) }
    /// Both directions are closed: EPOLLHUP, POLLHUP.
    public static var hangUp: Readiness { Readiness(rawValue: 0x010) }
    /// The descriptor is not open: POLLNVAL.
    public static var notOpen: Readiness { Readiness(rawValue: 0x020) }
    /// The peer has ended its side: EPOLLRDHUP, POLLRDHUP.
    public static var peerClosed: Readiness { Readiness(rawValue: 0x2000) }
    /// One of several epolls is woken, not all: EPOLLEXCLUSIVE.
    public static var exclusive: Readiness { Readiness(rawValue: 1 << 28) }
    /// Changes are reported, not states: EPOLLET.
    public static var edgeTriggered: Readiness { Readiness(rawValue: 1 << 31) }
}

// Sources/Linux/Epoll.swift — readiness of many descriptors: epoll(7), and the bits that it shares with poll(2).

internal import CLinux

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
    package static var peerClosed: Readiness { Readiness(rawValue: 0x2000) }
    /// One of several epolls is woken, not all: EPOLLEXCLUSIVE.
    package static var exclusive: Readiness { Readiness(rawValue: 1 << 28) }
    /// Changes are reported, not states: EPOLLET.
    package static var edgeTriggered: Readiness { Readiness(rawValue: 1 << 31) }
}

/// An event out of ``Epoll/wait(into:timeout:)``, in the kernel's packed layout: 12 bytes.
package struct EpollEvent: BitwiseCopyable {
    var kernel = linux_epoll_event()

    /// No event yet.
    @inline(__always)
    package init() {}

    /// An event as the kernel would report it.
    @inline(__always)
    package init(token: UInt64, readiness: Readiness) {
        kernel = linux_epoll_event(events: readiness.rawValue, data: token)
    }

    /// What the descriptor is ready for.
    @inline(__always)
    package var readiness: Readiness { Readiness(rawValue: kernel.events) }

    /// What ``Epoll/add(_:for:token:)`` was given for the descriptor.
    @inline(__always)
    package var token: UInt64 { kernel.data }
}

/// An epoll instance.
public struct Epoll: ~Copyable {
    private let file: OwnedFileDescriptor

    /// Makes one: epoll_create1(2).
    package init() throws(Errno) {
        file = OwnedFileDescriptor(
            result: try checked(linux_syscall1(number(__NR_epoll_create1), Int(EPOLL_CLOEXEC))))
    }

    /// Registers a descriptor; its events carry `token`.
    package borrowing func add(_ descriptor: FileDescriptor, for readiness: Readiness, token: UInt64) throws(Errno) {
        try control(EPOLL_CTL_ADD, descriptor, readiness, token)
    }

    /// Changes what a registered descriptor is watched for, and reports its readiness again even if nothing changed.
    package borrowing func modify(_ descriptor: FileDescriptor, for readiness: Readiness, token: UInt64) throws(Errno) {
        try control(EPOLL_CTL_MOD, descriptor, readiness, token)
    }

    private borrowing func control(
        _ operation: Int32, _ descriptor: FileDescriptor, _ readiness: Readiness, _ token: UInt64
    ) throws(Errno) {
        var event = linux_epoll_event(events: readiness.rawValue, data: token)
        // SAFETY: the kernel reads one event during the call.
        _ = try unsafe withUnsafePointer(to: &event) { event throws(Errno) in
            try checked(
                linux_syscall4(
                    number(__NR_epoll_ctl), file.descriptor.argument, Int(operation), descriptor.argument,
                    Int(bitPattern: event)))
        }
    }

    /// Removes a descriptor. (Closing its last duplicate does so too.)
    package borrowing func remove(_ descriptor: FileDescriptor) throws(Errno) {
        _ = try checked(
            linux_syscall4(
                number(__NR_epoll_ctl), file.descriptor.argument, Int(EPOLL_CTL_DEL), descriptor.argument, 0))
    }

    /// Waits for events: epoll_wait(2). A signal ends the wait like a timeout.
    ///
    /// - Parameters:
    ///   - events: room for at least one event.
    ///   - timeout: milliseconds; negative waits for ever.
    /// - Returns: how many events there are, from the start of `events`.
    @inline(__always)
    package borrowing func wait(into events: inout MutableSpan<EpollEvent>, timeout: Int) throws(Errno) -> Int {
        let instance = file.descriptor.argument
        let result = unsafe events.withUnsafeMutableBufferPointer { events in
            // SAFETY: the kernel writes at most `count` events.
            linux_syscall4(
                number(__NR_epoll_wait), instance, Int(bitPattern: events.baseAddress), events.count, timeout)
        }
        return result == -Int(EINTR) ? 0 : try checked(result)
    }
}

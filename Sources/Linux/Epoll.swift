// Sources/Linux/Epoll.swift — readiness of many descriptors: epoll(7).

internal import CLinux

/// An event out of ``Epoll/wait(into:timeout:)``, in the kernel's packed layout: 12 bytes.
public struct EpollEvent {
    var kernel = linux_epoll_event()

    /// No event yet.
    @inline(__always)
    public init() {}

    /// An event as the kernel would report it.
    @inline(__always)
    public init(token: UInt64, readiness: Readiness) {
        kernel = linux_epoll_event(events: readiness.rawValue, data: token)
    }

    /// What the descriptor is ready for.
    @inline(__always)
    public var readiness: Readiness { Readiness(rawValue: kernel.events) }

    /// What ``Epoll/add(_:for:token:)`` was given for the descriptor.
    @inline(__always)
    public var token: UInt64 { kernel.data }
}

/// An epoll instance.
public struct Epoll: ~Copyable {
    private let file: OwnedFileDescriptor

    /// Makes one: epoll_create1(2).
    public init() throws(Errno) {
        file = OwnedFileDescriptor(
            result: try checked(linux_syscall1(number(__NR_epoll_create1), Int(EPOLL_CLOEXEC))))
    }

    /// Registers a descriptor; its events carry `token`.
    public borrowing func add(_ descriptor: FileDescriptor, for readiness: Readiness, token: UInt64) throws(Errno) {
        try control(EPOLL_CTL_ADD, descriptor, readiness, token)
    }

    /// Changes what a registered descriptor is watched for, and reports its readiness again even if nothing changed.
    public borrowing func modify(_ descriptor: FileDescriptor, for readiness: Readiness, token: UInt64) throws(Errno) {
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
    public borrowing func remove(_ descriptor: FileDescriptor) throws(Errno) {
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
    @unsafe public borrowing func wait(
        into events: UnsafeMutableBufferPointer<EpollEvent>, timeout: Int
    ) throws(Errno) -> Int {
        let result = linux_syscall4(
            number(__NR_epoll_wait), file.descriptor.argument, Int(bitPattern: events.baseAddress), events.count,
            timeout)
        return result == -Int(EINTR) ? 0 : try checked(result)
    }
}

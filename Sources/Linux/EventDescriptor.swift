// Sources/Linux/EventDescriptor.swift — a counter that wakes the threads that poll it: eventfd(2).

internal import CLinux

/// An eventfd: any thread adds, one thread waits.
public struct EventDescriptor: ~Copyable {
    private let file: OwnedFileDescriptor

    /// Makes one with the counter at 0.
    public init() throws(Errno) {
        file = OwnedFileDescriptor(
            result: try checked(
                linux_syscall2(number(__NR_eventfd2), 0, Int(O_CLOEXEC | O_NONBLOCK))))
    }

    /// For polling.
    public var descriptor: FileDescriptor { file.descriptor }

    /// Adds 1, which wakes the threads that poll the descriptor. Any thread, signal handlers too.
    public borrowing func signal() {
        var one: UInt64 = 1
        // SAFETY: eight readable bytes. The write fails only if the counter is full, which wakes too.
        unsafe withUnsafePointer(to: &one) { one in
            _ = linux_syscall3(number(__NR_write), file.descriptor.argument, Int(bitPattern: one), 8)
        }
    }

    /// Sets the counter to 0, so that the descriptor is not readable.
    public borrowing func clear() {
        var count: UInt64 = 0
        // SAFETY: eight writable bytes; a counter that is 0 already says EAGAIN.
        unsafe withUnsafeMutablePointer(to: &count) { count in
            _ = linux_syscall3(number(__NR_read), file.descriptor.argument, Int(bitPattern: count), 8)
        }
    }
}

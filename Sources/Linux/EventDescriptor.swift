// Sources/Linux/EventDescriptor.swift — descriptors for events and for signals: eventfd(2), signalfd(2).

internal import CLinux

/// An eventfd: any thread adds, one thread waits.
public struct EventDescriptor: ~Copyable {
    private let file: OwnedFileDescriptor

    /// Makes one with the counter at 0.
    package init() throws(Errno) {
        file = OwnedFileDescriptor(
            result: try checked(
                linux_syscall2(number(__NR_eventfd2), 0, Int(O_CLOEXEC | O_NONBLOCK))))
    }

    /// For polling.
    package var descriptor: FileDescriptor { file.descriptor }

    /// Adds 1, which wakes the threads that poll the descriptor. Any thread, signal handlers too.
    package borrowing func signal() {
        var one: UInt64 = 1
        // SAFETY: eight readable bytes. The write fails only if the counter is full, which wakes too.
        unsafe withUnsafePointer(to: &one) { one in
            _ = linux_syscall3(number(__NR_write), file.descriptor.argument, Int(bitPattern: one), 8)
        }
    }

    /// Sets the counter to 0, so that the descriptor is not readable.
    package borrowing func clear() {
        var count: UInt64 = 0
        // SAFETY: eight writable bytes; a counter that is 0 already says EAGAIN.
        unsafe withUnsafeMutablePointer(to: &count) { count in
            _ = linux_syscall3(number(__NR_read), file.descriptor.argument, Int(bitPattern: count), 8)
        }
    }
}

/// Blocked signals, as something to read: signalfd(2).
public struct SignalDescriptor: ~Copyable {
    private let file: OwnedFileDescriptor

    /// Reads every signal that ``Signals/blockAllButFatal()`` blocks.
    public init() throws(Errno) {
        var set = Signals.allButFatal
        // SAFETY: the kernel reads eight bytes.
        let result = try unsafe withUnsafePointer(to: &set) { set throws(Errno) in
            try checked(
                linux_syscall4(
                    number(__NR_signalfd4), -1, Int(bitPattern: set), 8, Int(SFD_CLOEXEC | SFD_NONBLOCK)))
        }
        file = OwnedFileDescriptor(result: result)
    }

    /// For polling.
    public var descriptor: FileDescriptor { file.descriptor }

    /// The next signal that has arrived, or nil.
    public borrowing func next() -> Signal? {
        var info = linux_signalfd_siginfo()
        let size = MemoryLayout<linux_signalfd_siginfo>.size
        let count = unsafe withUnsafeMutablePointer(to: &info) { info in
            // SAFETY: room for one record.
            linux_syscall3(number(__NR_read), file.descriptor.argument, Int(bitPattern: info), size)
        }
        return count == size ? Signal(rawValue: Int32(bitPattern: info.ssi_signo)) : nil
    }
}

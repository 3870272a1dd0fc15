// Sources/Linux/SignalDescriptor.swift — reading the signals that are blocked.

internal import CLinux

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

// Sources/Linux/FileDescriptor.swift — an open file's number, and its owner.

internal import CLinux

/// The number of an open file. It does not own the file: ``OwnedFileDescriptor`` closes it.
@frozen public struct FileDescriptor: Equatable, Sendable, RawRepresentable {
    /// The number, not negative.
    public let rawValue: Int32

    /// The descriptor with the number `rawValue`.
    @inline(__always)
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Standard error.
    public static var standardError: FileDescriptor { FileDescriptor(rawValue: 2) }
    /// Standard output.
    public static var standardOutput: FileDescriptor { FileDescriptor(rawValue: 1) }

    @inline(__always)
    var argument: Int { Int(rawValue) }

    /// Writes the start of `bytes`: write(2), repeated on EINTR.
    ///
    /// - Returns: how many bytes were taken, `0...bytes.count`.
    public func write(_ bytes: borrowing Span<UInt8>) throws(Errno) -> Int {
        try unsafe bytes.withUnsafeBufferPointer { buffer throws(Errno) in
            // SAFETY: the kernel reads `count` bytes of a span that is borrowed for the call.
            let start = Int(bitPattern: buffer.baseAddress)
            return try retryingOnInterrupt { linux_syscall3(number(__NR_write), argument, start, buffer.count) }
        }
    }

    /// Writes all of `bytes`, in as many calls as it takes.
    public func writeAll(_ bytes: borrowing Span<UInt8>) throws(Errno) {
        var written = 0
        while written < bytes.count {
            written += try write(bytes.extracting(droppingFirst: written))
        }
    }

    /// Another number for the same open file: F_DUPFD_CLOEXEC of fcntl(2).
    package func duplicate() throws(Errno) -> OwnedFileDescriptor {
        OwnedFileDescriptor(
            result: try checked(linux_syscall3(number(__NR_fcntl), argument, Int(F_DUPFD_CLOEXEC), 0)))
    }

    /// Makes this number refer to the file of `other`, and closes the file it referred to before, in one step: dup3(2).
    package func replace(by other: borrowing OwnedFileDescriptor) throws(Errno) {
        _ = try checked(
            linux_syscall3(number(__NR_dup3), other.descriptor.argument, argument, Int(O_CLOEXEC)))
    }

    /// Closes the file: close(2). The number is free afterwards whatever the result is, so errors say nothing useful.
    @inline(__always)
    package func close() {
        _ = linux_syscall1(number(__NR_close), argument)
    }
}

/// An open file that is closed when its owner ends.
@frozen public struct OwnedFileDescriptor: ~Copyable {
    /// The number, for system calls.
    public let descriptor: FileDescriptor

    /// Takes the file over.
    @inline(__always)
    public init(_ descriptor: FileDescriptor) { self.descriptor = descriptor }

    /// Takes over what a system call returned.
    @inline(__always)
    init(result: Int) { self.descriptor = FileDescriptor(rawValue: Int32(truncatingIfNeeded: result)) }

    deinit { descriptor.close() }

    /// Ends the ownership without closing.
    @inline(__always)
    public consuming func release() -> FileDescriptor {
        let descriptor = descriptor
        discard self
        return descriptor
    }
}

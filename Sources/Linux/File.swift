// Sources/Linux/File.swift — files by path.

internal import CLinux

/// A path, NUL-terminated, as system calls take it: at most 255 bytes.
public struct Path: Sendable {
    private var storage: [256 of UInt8]

    /// Longest path, in bytes.
    public static var maxLength: Int { 255 }

    /// The path `bytes`; nil if it is longer than ``maxLength`` or holds a NUL.
    public init?(_ bytes: borrowing Span<UInt8>) {
        guard bytes.count <= Self.maxLength else { return nil }
        storage = .init(repeating: 0)
        for index in bytes.indices {
            guard bytes[index] != 0 else { return nil }
            storage[index] = bytes[index]
        }
    }

    /// The path without its NUL.
    public var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            var count = 0
            while storage.span[count] != 0 { count += 1 }
            return storage.span.extracting(first: count)
        }
    }

    func withPointer<Failure: Error>(_ body: (Int) throws(Failure) -> Int) throws(Failure) -> Int {
        // SAFETY: the storage is borrowed for the call, and its last byte is always 0.
        try unsafe storage.span.withUnsafeBufferPointer { buffer throws(Failure) in
            try body(Int(bitPattern: buffer.baseAddress))
        }
    }
}

/// Opening and removing files: open(2), unlink(2), stat(2).
public enum File {
    /// Opens a log file for appending, and creates it where it is missing. A symbolic link is refused (O_NOFOLLOW).
    ///
    /// - Parameters:
    ///   - mode: permissions of a new file.
    ///   - truncating: whether what the file held is dropped.
    public static func openForAppending(
        _ path: borrowing Path, mode: Int, truncating: Bool
    ) throws(Errno) -> OwnedFileDescriptor {
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | (truncating ? O_TRUNC : 0)
        let result = try path.withPointer { pointer throws(Errno) in
            try retryingOnInterrupt { linux_syscall4(number(__NR_openat), Int(AT_FDCWD), pointer, Int(flags), mode) }
        }
        return OwnedFileDescriptor(result: result)
    }

    /// Whether a socket has this name: statx(2). A symbolic link is not followed.
    public static func isSocket(_ path: borrowing Path) -> Bool {
        path.withPointer { pointer in
            var status = linux_statx()
            // SAFETY: the kernel writes one `struct statx`.
            let result = unsafe withUnsafeMutablePointer(to: &status) { status in
                linux_syscall5(
                    number(__NR_statx), Int(AT_FDCWD), pointer, Int(AT_SYMLINK_NOFOLLOW), Int(STATX_TYPE),
                    Int(bitPattern: status))
            }
            return result == 0 ? Int(status.stx_mode) & Int(S_IFMT) : 0
        } == Int(S_IFSOCK)
    }

    /// Removes a name from the file system: unlink(2).
    public static func remove(_ path: borrowing Path) throws(Errno) {
        _ = try path.withPointer { pointer throws(Errno) in
            try checked(linux_syscall1(number(__NR_unlink), pointer))
        }
    }
}

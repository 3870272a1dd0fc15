// Sources/Linux/File.swift — files by path.

import Bytes
internal import CLinux

/// A path, NUL-terminated, as system calls take it: at most 255 bytes.
package struct Path: Sendable {
    private var storage: [256 of UInt8]

    /// Longest path, in bytes.
    package static var maxLength: Int { 255 }

    /// The path `bytes`; nil if it is longer than ``maxLength`` or holds a NUL.
    package init?(_ bytes: borrowing Span<UInt8>) {
        guard bytes.count <= Self.maxLength else { return nil }
        storage = .init(repeating: 0)
        for index in bytes.indices {
            guard bytes[index] != 0 else { return nil }
            storage[index] = bytes[index]
        }
    }

    /// The path without its NUL.
    package var bytes: Span<UInt8> {
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
package enum File {
    /// Opens a log file for appending, and creates it where it is missing. A symbolic link is refused (O_NOFOLLOW).
    ///
    /// - Parameters:
    ///   - mode: permissions of a new file.
    ///   - truncating: whether what the file held is dropped.
    package static func openForAppending(
        _ path: borrowing Path, mode: Int, truncating: Bool
    ) throws(Errno) -> OwnedFileDescriptor {
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | (truncating ? O_TRUNC : 0)
        let result = try path.withPointer { pointer throws(Errno) in
            try retryingOnInterrupt { linux_syscall4(number(__NR_openat), Int(AT_FDCWD), pointer, Int(flags), mode) }
        }
        return OwnedFileDescriptor(result: result)
    }

    /// Whether a socket has this name: statx(2). A symbolic link is not followed.
    package static func isSocket(_ path: borrowing Path) -> Bool {
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
    package static func remove(_ path: borrowing Path) throws(Errno) {
        _ = try path.withPointer { pointer throws(Errno) in
            try checked(linux_syscall1(number(__NR_unlink), pointer))
        }
    }
}

extension File {
    /// Whether the path exists; symbolic links are followed: faccessat(2).
    package static func exists(_ path: borrowing Path) -> Bool {
        path.withPointer { pointer in
            linux_syscall3(number(__NR_faccessat), Int(AT_FDCWD), pointer, 0)
        } == 0
    }
}

extension File {
    /// What the file holds, but no more than its first `limit` bytes: open(2), read(2) up to the end.
    ///
    /// - Throws: what open or read refused; EISDIR for a directory.
    package static func read(_ path: borrowing Path, limit: Int) throws(Errno) -> [UInt8] {
        let file = try open(path, O_RDONLY)
        var bytes: [UInt8] = []
        var room: [4096 of UInt8] = .init(repeating: 0)
        while bytes.count < limit {
            let count = try file.descriptor.read(into: &room)
            if count == 0 { break }
            for index in 0..<Swift.min(count, limit - bytes.count) { bytes.append(room[index]) }
        }
        return bytes
    }

    /// Calls `body` with each name in a directory but `.` and `..`, in no order: getdents64(2).
    ///
    /// - Throws: what open or getdents64 refused; ENOTDIR for what is no directory.
    package static func forEachName(
        in path: borrowing Path, _ body: (borrowing Span<UInt8>) -> Void
    ) throws(Errno) {
        let directory = try open(path, O_RDONLY | O_DIRECTORY)
        var room: [4096 of UInt8] = .init(repeating: 0)
        while true {
            let count = try directory.descriptor.readEntries(into: &room)
            if count == 0 { return }
            // struct linux_dirent64: 8 bytes inode, 8 offset, 2 length of the entry, 1 type, the name and its NUL.
            var start = 0
            while start < count {
                let length = Int(room[start + 16]) | Int(room[start + 17]) << 8
                let entry = room.span.extracting(start + 19..<start + length)
                var end = 0
                while entry[end] != 0 { end += 1 }
                let name = entry.extracting(first: end)
                if !name.equals(".") && !name.equals("..") { body(name) }
                start += length
            }
        }
    }

    private static func open(_ path: borrowing Path, _ flags: Int32) throws(Errno) -> OwnedFileDescriptor {
        let flags = Int(flags | O_CLOEXEC | O_NOCTTY)
        let result = try path.withPointer { pointer throws(Errno) in
            try retryingOnInterrupt { linux_syscall4(number(__NR_openat), Int(AT_FDCWD), pointer, flags, 0) }
        }
        return OwnedFileDescriptor(result: result)
    }
}

extension FileDescriptor {
    /// Reads at most as many bytes as there is room for: read(2). 0 is the end.
    fileprivate func read(into room: inout [4096 of UInt8]) throws(Errno) -> Int {
        try fill(&room, __NR_read)
    }

    /// Reads entries of a directory: getdents64(2). 0 is the end.
    fileprivate func readEntries(into room: inout [4096 of UInt8]) throws(Errno) -> Int {
        try fill(&room, __NR_getdents64)
    }

    private func fill(_ room: inout [4096 of UInt8], _ call: Int32) throws(Errno) -> Int {
        var span = room.mutableSpan
        return try unsafe span.withUnsafeMutableBufferPointer { buffer throws(Errno) in
            // SAFETY: the kernel writes at most `count` bytes to a span that is borrowed for the call.
            let start = Int(bitPattern: buffer.baseAddress)
            return try retryingOnInterrupt { linux_syscall3(number(call), argument, start, buffer.count) }
        }
    }
}

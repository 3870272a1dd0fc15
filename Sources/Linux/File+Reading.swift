// Sources/Linux/File+Reading.swift — whole small files, and the names in a directory.

import Bytes
internal import CLinux

extension File {
    /// What the file holds, but no more than its first `limit` bytes: open(2), read(2) up to the end.
    ///
    /// - Throws: what open or read refused; EISDIR for a directory.
    public static func read(_ path: borrowing Path, limit: Int) throws(Errno) -> [UInt8] {
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
    public static func forEachName(
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

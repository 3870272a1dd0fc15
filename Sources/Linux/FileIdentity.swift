// Sources/Linux/FileIdentity.swift — which file a descriptor refers to.

internal import CLinux

/// Identifies an open file: its device and its number there. stat(2), `st_dev` and `st_ino`.
package struct FileIdentity: Equatable, Sendable {
    /// The device, as glibc's `dev_t` has it.
    package let device: UInt64
    /// The file's number on the device.
    package let inode: UInt64

    /// The identity with these two numbers.
    package init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    /// The identity of an open file: statx(2).
    package init(of file: FileDescriptor) throws(Errno) {
        var status = linux_statx()
        // SAFETY: the path is empty and ends with a NUL; the kernel writes one `struct statx`.
        _ = try unsafe withUnsafeMutablePointer(to: &status) { status throws(Errno) in
            let path: StaticString = ""
            return try checked(
                linux_syscall5(
                    number(__NR_statx), file.argument, unsafe Int(bitPattern: path.utf8Start), Int(AT_EMPTY_PATH),
                    Int(STATX_INO), Int(bitPattern: status)))
        }
        let major = UInt64(status.stx_dev_major)
        let minor = UInt64(status.stx_dev_minor)
        // gnu_dev_makedev(3): the low 12 and 8 bits in their old places, the rest above.
        device = (major & 0xfff) << 8 | (major & ~0xfff) << 32 | minor & 0xff | (minor & ~0xff) << 12
        inode = status.stx_ino
    }
}

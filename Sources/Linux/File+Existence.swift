// Sources/Linux/File+Existence.swift — whether a path exists.

internal import CLinux

extension File {
    /// Whether the path exists; symbolic links are followed: faccessat(2).
    public static func exists(_ path: borrowing Path) -> Bool {
        path.withPointer { pointer in
            linux_syscall3(number(__NR_faccessat), Int(AT_FDCWD), pointer, 0)
        } == 0
    }
}

// Sources/Linux/Memory.swift — mapping memory: mmap, munmap, mremap, madvise.

internal import CLinux

/// Anonymous memory from the kernel.
///
/// Sizes are in bytes. Each function is one system call unless it says otherwise; no object owns a mapping, so
/// the code that maps it must unmap it.
package enum Memory {
    /// The size of a page. A constant on x86-64.
    @inline(__always) package static var pageSize: Int { 4096 }

    /// `byteCount` rounded up to whole pages.
    @inline(__always)
    package static func pages(_ byteCount: Int) -> Int {
        (byteCount + pageSize - 1) & ~(pageSize - 1)
    }

    /// Maps `byteCount` bytes of zeros, private to the process. A page takes memory when it is first touched.
    ///
    /// - Throws: `.noMemory` when the kernel refuses.
    /// - See: mmap(2)
    package static func map(_ byteCount: Int) throws(Errno) -> UnsafeMutableRawPointer {
        let result = linux_syscall6(
            number(__NR_mmap), 0, byteCount, Int(PROT_READ | PROT_WRITE),
            Int(MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE), -1, 0)
        // SAFETY: the kernel gave the range to us alone.
        return unsafe UnsafeMutableRawPointer(bitPattern: try checked(result)).unsafelyUnwrapped
    }

    /// Maps `byteCount` bytes of zeros at a multiple of `alignment`, a power of two of at least a page.
    ///
    /// Cost: one system call where the kernel happens to place it right, which neighbouring mappings of the same
    /// alignment make likely; else up to five.
    package static func map(_ byteCount: Int, alignment: Int) throws(Errno) -> UnsafeMutableRawPointer {
        let start = unsafe try map(byteCount)
        guard Int(bitPattern: start) & (alignment - 1) != 0 else { return unsafe start }
        unsafe unmap(start, byteCount)
        return unsafe try mapTrimmed(byteCount, alignment: alignment)
    }

    /// Maps more than is asked for, and gives back what lies before and after the aligned part.
    private static func mapTrimmed(_ byteCount: Int, alignment: Int) throws(Errno) -> UnsafeMutableRawPointer {
        let mapped = byteCount + alignment - pageSize
        let start = unsafe try map(mapped)
        let before = -Int(bitPattern: start) & (alignment - 1)
        let after = mapped - before - byteCount
        // SAFETY: all three parts lie in the new mapping, which is not shared yet.
        if before > 0 { unsafe unmap(start, before) }
        if after > 0 { unsafe unmap(start + before + byteCount, after) }
        return unsafe start + before
    }

    /// Makes every access to `byteCount` bytes at `start` fault: mprotect(2).
    package static func guardPages(_ start: UnsafeMutableRawPointer, _ byteCount: Int) throws(Errno) {
        _ = try checked(linux_syscall3(Int(__NR_mprotect), Int(bitPattern: start), byteCount, Int(PROT_NONE)))
    }

    /// Gives `byteCount` bytes at `start` back to the kernel.
    ///
    /// - Safety: they are whole pages that the caller mapped, and they are no longer in use.
    /// - See: munmap(2)
    package static func unmap(_ start: UnsafeMutableRawPointer, _ byteCount: Int) {
        let result = linux_syscall2(number(__NR_munmap), Int(bitPattern: start), byteCount)
        precondition(result == 0, "munmap failed: not a mapping of ours, or too many mappings")
    }

    /// Changes the size of a mapping without moving it.
    ///
    /// - Throws: `.noMemory` when the addresses behind it are taken; the mapping is then as it was.
    /// - See: mremap(2)
    package static func resize(_ start: UnsafeMutableRawPointer, from old: Int, to new: Int) throws(Errno) {
        let result = linux_syscall4(number(__NR_mremap), Int(bitPattern: start), old, new, 0)
        _ = try checked(result)
    }

    /// Moves a mapping onto another one, which it replaces; the pages are moved and not copied.
    ///
    /// - Safety: both are mappings of the caller's; `start` is unmapped afterwards.
    /// - See: mremap(2), MREMAP_FIXED
    package static func move(
        _ start: UnsafeMutableRawPointer, _ old: Int, onto target: UnsafeMutableRawPointer, _ new: Int
    ) throws(Errno) {
        let result = linux_syscall5(
            number(__NR_mremap), Int(bitPattern: start), old, new, Int(MREMAP_MAYMOVE | MREMAP_FIXED),
            Int(bitPattern: target))
        _ = try checked(result)
    }

    /// Takes the pages out of memory; they read as zeros afterwards and cost nothing until they are touched again.
    ///
    /// - Safety: no code relies on their content.
    /// - See: madvise(2), MADV_DONTNEED
    package static func discard(_ start: UnsafeMutableRawPointer, _ byteCount: Int) {
        // This is advice: if the kernel refuses it, the pages stay, which is harmless.
        _ = linux_syscall3(number(__NR_madvise), Int(bitPattern: start), byteCount, Int(MADV_DONTNEED))
    }

    /// Asks for small pages only: with huge ones, the first byte touched would cost 2 MiB of real memory.
    ///
    /// - See: madvise(2), MADV_NOHUGEPAGE
    package static func refuseHugePages(_ start: UnsafeMutableRawPointer, _ byteCount: Int) {
        // A kernel without huge pages refuses the advice, which is harmless.
        _ = linux_syscall3(number(__NR_madvise), Int(bitPattern: start), byteCount, Int(MADV_NOHUGEPAGE))
    }
}

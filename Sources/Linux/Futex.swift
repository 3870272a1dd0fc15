// Sources/Linux/Futex.swift — sleeping until a word changes: futex(2).

internal import CLinux

/// Waits on words of this process's own memory (FUTEX_PRIVATE_FLAG).
public enum Futex {
    /// Sleeps while the 32-bit word at `address` is `value`: FUTEX_WAIT. It may also return early: look at the word
    /// again.
    ///
    /// - Safety: the word is readable until this returns.
    @unsafe public static func wait(on address: UnsafeRawPointer, while value: UInt32) {
        _ = linux_syscall4(
            number(__NR_futex), Int(bitPattern: address), Int(FUTEX_WAIT | FUTEX_PRIVATE_FLAG), Int(value), 0)
    }

    /// Wakes one thread that sleeps on the word at `address`: FUTEX_WAKE. The word is not read, so it may be gone by
    /// now; then a thread that sleeps on what is there next may be woken early.
    @unsafe public static func wakeOne(on address: UnsafeRawPointer) {
        _ = linux_syscall3(
            number(__NR_futex), Int(bitPattern: address), Int(FUTEX_WAKE | FUTEX_PRIVATE_FLAG), 1)
    }
}

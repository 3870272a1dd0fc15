// Sources/Linux/Futex.swift — sleeping until a word changes: futex(2).

internal import CLinux
import Synchronization

/// Waits on words of this process's own memory (FUTEX_PRIVATE_FLAG).
package enum Futex {
    /// Sleeps while `word` is `value`: FUTEX_WAIT. It may also return early: look at the word again.
    @inline(never)
    package static func wait(on word: borrowing Atomic<UInt32>, while value: UInt32) {
        // SAFETY: an atomic is where its owner put it, and the borrow keeps it readable until this returns.
        unsafe withUnsafePointer(to: word) { address in
            _ = linux_syscall4(
                number(__NR_futex), Int(bitPattern: address), Int(FUTEX_WAIT | FUTEX_PRIVATE_FLAG), Int(value), 0)
        }
    }

    /// Wakes one thread that sleeps on `word`: FUTEX_WAKE. The kernel does not read the word.
    @inline(never)
    package static func wakeOne(on word: borrowing Atomic<UInt32>) {
        // SAFETY: the address is a name only.
        unsafe withUnsafePointer(to: word) { address in
            _ = linux_syscall3(
                number(__NR_futex), Int(bitPattern: address), Int(FUTEX_WAKE | FUTEX_PRIVATE_FLAG), 1)
        }
    }
}

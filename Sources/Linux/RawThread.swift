// Sources/Linux/RawThread.swift — the primitives under threads: clone, futex, names.

internal import CLinux

/// What threads are made of: clone(2), futex(2), prctl(2).
package enum RawThread {
    /// What a new thread runs.
    package typealias Entry = @convention(c) (UnsafeMutableRawPointer?) -> Int32

    /// Starts a thread that shares everything with this one but its stack, registers and TLS block.
    ///
    /// - Parameters:
    ///   - stackTop: the end of the stack's memory.
    ///   - threadPointer: from ``installTLS(in:size:)``.
    ///   - identifier: gets the thread's number; the kernel sets it to 0, and wakes its futex, when the thread ends.
    /// - Safety: stack, TLS block and `identifier` stay mapped until then.
    @unsafe package static func spawn(
        stackTop: UnsafeMutableRawPointer, threadPointer: UnsafeMutableRawPointer,
        identifier: UnsafeMutablePointer<Int32>, entry: Entry, argument: UnsafeMutableRawPointer?
    ) throws(Errno) {
        let flags =
            CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS
            | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID
        _ = try checked(
            unsafe linux_spawn(UInt(flags), stackTop, identifier, identifier, threadPointer, entry, argument))
    }

    /// Initialises a TLS block, with the calling thread's canary; nil if `size` is too small.
    ///
    /// - Safety: `size` zeroed bytes at `block` belong to the new thread.
    @unsafe package static func installTLS(in block: UnsafeMutableRawPointer, size: Int) -> UnsafeMutableRawPointer? {
        unsafe linux_install_tls(block, UInt(size), linux_canary())
    }

    /// Sleeps while the word at `address` is `value`: FUTEX_WAIT. Returns at wake-ups of every kind.
    @unsafe package static func wait(on address: UnsafeMutablePointer<Int32>, while value: Int32) {
        _ = linux_syscall4(
            number(__NR_futex), Int(bitPattern: address), Int(FUTEX_WAIT), Int(value), 0)
    }

    /// Names the calling thread for ps(1) and debuggers: PR_SET_NAME. At most 15 bytes count.
    package static func setName(_ name: borrowing Span<UInt8>) {
        var text: [16 of UInt8] = .init(repeating: 0)
        for index in 0..<Swift.min(name.count, 15) { text[index] = name[index] }
        // SAFETY: 16 readable bytes, the last of them 0.
        unsafe text.span.withUnsafeBufferPointer { text in
            _ = linux_syscall2(number(__NR_prctl), Int(PR_SET_NAME), Int(bitPattern: text.baseAddress))
        }
    }

    /// The calling thread's number: gettid(2).
    package static var currentIdentifier: Int { linux_syscall0(number(__NR_gettid)) }

    /// Gives the rest of the time slice to another thread: sched_yield(2).
    package static func yield() { _ = linux_syscall0(number(__NR_sched_yield)) }

    /// Tells the processor that this is a spin loop.
    @inline(__always)
    package static func relax() { linux_relax() }
}

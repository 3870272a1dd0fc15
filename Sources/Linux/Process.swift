// Sources/Linux/Process.swift — the process: what it was started with, its limits, its exit.

internal import CLinux

/// The calling process.
public enum Process {
    /// Reads what the kernel passed at start. Call once, before other threads exist.
    package static func prepare() { VDSO.load() }

    /// Ends every thread: exit_group(2). What the calling thread has printed of a line is written.
    public static func exit(_ status: Int32) -> Never {
        linux_prepare_exit()
        _ = linux_syscall1(number(__NR_exit_group), Int(status))
        // The kernel never returns from it.
        while true { linux_relax() }
    }

    /// The end of the main thread's stack: what the kernel put there for the process lies above.
    public static var mainStackEnd: UInt { unsafe UInt(bitPattern: linux_process().pointee.arguments) }

    /// The process's number: getpid(2).
    public static var identifier: Int { linux_syscall0(number(__NR_getpid)) }

    /// How many processors the calling thread may use, at least 1: sched_getaffinity(2).
    public static var availableProcessors: Int {
        var mask: [128 of UInt8] = .init(repeating: 0)
        var room = mask.mutableSpan
        // SAFETY: the kernel writes at most 128 bytes, and says how many.
        let result = unsafe room.withUnsafeMutableBufferPointer { bytes in
            linux_syscall3(number(__NR_sched_getaffinity), 0, 128, Int(bitPattern: bytes.baseAddress))
        }
        var count = 0
        // Bit by bit: the compiler would unroll and vectorise a count of whole words.
        for bit in 0..<(Swift.max(result, 0) * 8) where room[bit / 8] >> UInt8(bit % 8) & 1 != 0 { count += 1 }
        return Swift.max(count, 1)
    }

    /// Raises the soft limit of open descriptors to the hard one, and returns it: prlimit(2).
    package static func raiseDescriptorLimit() -> Int {
        var limit = linux_rlimit64(rlim_cur: 0, rlim_max: 0)
        // SAFETY: one `rlimit64` is written, then read.
        return unsafe withUnsafeMutablePointer(to: &limit) { limit in
            let address = Int(bitPattern: limit)
            guard linux_syscall4(number(__NR_prlimit64), 0, Int(RLIMIT_NOFILE), 0, address) == 0 else { return 1024 }
            let soft = unsafe limit.pointee.rlim_cur
            unsafe limit.pointee.rlim_cur = limit.pointee.rlim_max
            if linux_syscall4(number(__NR_prlimit64), 0, Int(RLIMIT_NOFILE), address, 0) != 0 {
                unsafe limit.pointee.rlim_cur = soft
            }
            return unsafe Int(clamping: limit.pointee.rlim_cur)
        }
    }

    /// The value of a type in the auxiliary vector, or 0: getauxval(3).
    static func auxiliaryValue(_ type: UInt) -> UInt {
        guard var entry = unsafe linux_process().pointee.auxiliary else { return 0 }
        // SAFETY: pairs, ended by AT_NULL.
        while unsafe entry[0] != UInt(AT_NULL) {
            if unsafe entry[0] == type { return unsafe entry[1] }
            unsafe entry += 2
        }
        return 0
    }
}

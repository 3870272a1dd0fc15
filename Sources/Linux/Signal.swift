// Sources/Linux/Signal.swift — signals: blocking them, and the fatal ones.

internal import CLinux

/// A signal's number: signal(7).
@frozen public struct Signal: Equatable, Sendable, RawRepresentable {
    /// The kernel's number, 1...64.
    public let rawValue: Int32

    /// The signal with the kernel's number `rawValue`.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// The terminal is gone; for a daemon: read the configuration again.
    public static var hangUp: Signal { Signal(rawValue: SIGHUP) }
    /// Control-C.
    public static var interrupt: Signal { Signal(rawValue: SIGINT) }
    /// Please end.
    public static var terminate: Signal { Signal(rawValue: SIGTERM) }
    /// For the program to use.
    public static var user1: Signal { Signal(rawValue: SIGUSR1) }
    /// For the program to use.
    public static var user2: Signal { Signal(rawValue: SIGUSR2) }

    /// The signals that mean that the program itself went wrong.
    package static var fatal: [5 of Signal] {
        [
            Signal(rawValue: SIGSEGV), Signal(rawValue: SIGBUS), Signal(rawValue: SIGILL), Signal(rawValue: SIGFPE),
            Signal(rawValue: SIGABRT),
        ]
    }

    /// The name, `SIGTERM`, of the signals that this program meets.
    public var name: StaticString {
        switch rawValue {
        case SIGHUP: "SIGHUP"
        case SIGINT: "SIGINT"
        case SIGTERM: "SIGTERM"
        case SIGUSR1: "SIGUSR1"
        case SIGUSR2: "SIGUSR2"
        case SIGSEGV: "SIGSEGV"
        case SIGBUS: "SIGBUS"
        case SIGILL: "SIGILL"
        case SIGFPE: "SIGFPE"
        case SIGABRT: "SIGABRT"
        default: "signal"
        }
    }

    fileprivate var bit: UInt64 { 1 << UInt64(rawValue - 1) }
}

/// The calling thread's set of blocked signals, and handlers of the whole process.
package enum Signals {
    /// Every signal but the fatal ones, which cannot be deferred, as the kernel's set.
    static var allButFatal: UInt64 {
        var set = UInt64.max
        for index in Signal.fatal.indices { set &= ~Signal.fatal[index].bit }
        return set
    }

    /// Blocks ``allButFatal``: rt_sigprocmask(2). Threads inherit it.
    package static func blockAllButFatal() {
        var set = allButFatal
        // SAFETY: the kernel reads eight bytes. It cannot fail with these arguments.
        unsafe withUnsafePointer(to: &set) { set in
            _ = linux_syscall4(number(__NR_rt_sigprocmask), Int(SIG_SETMASK), Int(bitPattern: set), 0, 8)
        }
    }

    /// Maps a stack for the signal handlers of the calling thread, for the process's life.
    package static func makeAlternateStack(size: Int) throws(Errno) {
        // SAFETY: the mapping is kept.
        unsafe try setAlternateStack(try Memory.map(size), size: size)
    }

    /// What the handler of a fatal signal is told; see ``SignalReport``.
    package typealias Handler =
        @convention(c) (_ signal: Int32, _ info: UnsafeMutableRawPointer?, _ context: UnsafeMutableRawPointer?) -> Void

    /// Installs `handler` for each fatal signal, on the thread's alternate stack.
    ///
    /// - Safety: the handler makes system calls and touches memory that is valid at any instruction, nothing else.
    @unsafe package static func handleFatal(_ handler: Handler) throws(Errno) {
        for index in Signal.fatal.indices {
            let flags = UInt(SA_SIGINFO) | UInt(SA_ONSTACK) | UInt(SA_NODEFER)
            _ = try checked(unsafe linux_set_signal_handler(Signal.fatal[index].rawValue, handler, flags))
        }
    }

    /// Restores the default action of `signal` in the whole process: a fatal one ends it.
    package static func resetHandler(_ signal: Signal) {
        _ = linux_set_signal_handler(signal.rawValue, nil, 0)
    }

    /// Waits until a signal's handler has run on the calling thread: pause(2).
    package static func pause() { _ = linux_syscall0(number(__NR_pause)) }

    /// Gives the calling thread a stack for signal handlers: sigaltstack(2).
    ///
    /// - Safety: `size` bytes at `base` stay mapped for the thread's life.
    @unsafe package static func setAlternateStack(_ base: UnsafeMutableRawPointer, size: Int) throws(Errno) {
        var stack = unsafe linux_stack_t(ss_sp: base, ss_flags: 0, ss_size: UInt(size))
        _ = try unsafe withUnsafePointer(to: &stack) { stack throws(Errno) in
            try checked(linux_syscall2(number(__NR_sigaltstack), Int(bitPattern: stack), 0))
        }
    }

    /// Sends `signal` to the calling thread: tgkill(2).
    package static func raise(_ signal: Signal) {
        let process = linux_syscall0(number(__NR_getpid))
        let thread = linux_syscall0(number(__NR_gettid))
        _ = linux_syscall3(number(__NR_tgkill), process, thread, Int(signal.rawValue))
    }
}

// Tests/Freestanding/CheckSupport/Child.swift — copies of this process, and how they end.

internal import CLinux
import Linux

/// How a process ended: wait4(2).
public enum Ending: Equatable {
    /// It called exit_group(2) with this status.
    case exited(Int32)
    /// This signal killed it.
    case killed(Signal)
}

/// A copy of this process with one thread, the one that made it: fork(2).
public struct Child {
    private let number: Int

    /// Forks; `body` runs in the copy, which then ends with status 0. It dies with the thread that made it.
    public static func run(_ body: () -> Void) -> Child {
        let number = linux_syscall0(Int(__NR_fork))
        CheckSupport.check(number >= 0, "fork works")
        if number > 0 { return Child(number: number) }
        _ = linux_syscall2(Int(__NR_prctl), Int(PR_SET_PDEATHSIG), Int(SIGKILL))
        body()
        Process.exit(0)
    }

    /// As ``run(_:)``, but the copy writes no core file when it is killed, which it is meant to be.
    public static func runToDie(_ body: () -> Void) -> Child {
        run {
            _ = linux_syscall2(Int(__NR_prctl), Int(PR_SET_DUMPABLE), 0)
            body()
        }
    }

    /// Waits until the copy has ended.
    private func wait() -> Ending {
        var status: Int32 = 0
        // SAFETY: the kernel writes one int.
        let result = unsafe withUnsafeMutablePointer(to: &status) { status in
            linux_syscall4(Int(__NR_wait4), number, Int(bitPattern: status), 0, 0)
        }
        CheckSupport.check(result == number, "a child can be waited for")
        let signal = status & 0x7f
        return signal == 0 ? .exited(status >> 8 & 0xff) : .killed(Signal(rawValue: signal))
    }

    /// Waits for the copy, which has to end like this.
    public func check(_ expected: Ending, _ claim: StaticString) {
        let ending = wait()
        if ending == expected { return }
        switch ending {
        case .exited(let status): report("exit status", Int(status))
        case .killed(let signal): report("killed by signal", Int(signal.rawValue))
        }
        CheckSupport.check(false, claim)
    }

    /// Runs `body` in a copy and waits for it: it has to end well.
    public static func runToEnd(_ claim: StaticString, _ body: () -> Void) {
        run(body).check(.exited(0), claim)
    }
}

/// Becomes another program: execve(2). Comes back only if that fails.
///
/// - Safety: both are arrays of strings that end with a NUL, and end with nil.
@unsafe public func execute(
    _ path: StaticString, arguments: UnsafePointer<UnsafePointer<UInt8>?>,
    environment: UnsafePointer<UnsafePointer<UInt8>?>
) {
    _ = unsafe linux_syscall3(
        Int(__NR_execve), Int(bitPattern: path.utf8Start), Int(bitPattern: arguments), Int(bitPattern: environment))
}

/// Has SIGALRM end the process after `seconds`: what hangs has failed. Children do not inherit it, but die with it.
public func limitTime(seconds: Int) {
    _ = linux_syscall1(Int(__NR_alarm), seconds)
}

/// Sends a signal to this process: kill(2).
public func kill(_ signal: Signal) {
    _ = linux_syscall2(Int(__NR_kill), Process.identifier, Int(signal.rawValue))
}

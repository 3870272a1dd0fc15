// Sources/Linux/SystemCall.swift — from the kernel's result to a value or an `Errno`.

internal import CLinux

/// The result of a system call, or the error that it stands for.
///
/// - Parameter result: what the kernel left in rax: `-4095...-1` is a negated error number.
@inline(__always)
func checked(_ result: Int) throws(Errno) -> Int {
    guard result >= 0 || result < -4095 else { throw Errno(result: result) }
    return result
}

extension Errno {
    /// What a negative result stands for.
    @inline(__always)
    init(result: Int) { self.init(rawValue: Int32(truncatingIfNeeded: -result)) }
}

/// Repeats `call` while a signal interrupts it before it did anything (EINTR).
@inline(__always)
func retryingOnInterrupt(_ call: () -> Int) throws(Errno) -> Int {
    while true {
        let result = call()
        if result != -Int(EINTR) { return try checked(result) }
    }
}

/// A system call's number, from the kernel's `__NR_` constants.
@inline(__always)
func number(_ constant: Int32) -> Int { Int(constant) }

// Tests/Freestanding/check-start/Main.swift — from the kernel to `main`: what a process is born with.

import CLinux
import CheckSupport
import Linux

@main enum Main {
    static func main() {
        limitTime(seconds: 20)
        check(isStackAligned(), "the stack is aligned in main")
        if Arguments.ofProcess.count > 0 { return Reborn.main() }
        Process.prepare()
        checkThreadPointer()
        checkAuxiliaryVector()
        checkClock()
        checkWhatTheKernelSays()
        checkRebirth()
        MemoryFunctions.checkAll()
        finish()
    }
}

/// The words at fs: the thread pointer to itself, and the canary.
private func checkThreadPointer() {
    var base: UInt = 0
    // SAFETY: the kernel writes one word.
    unsafe withUnsafeMutablePointer(to: &base) { base in
        _ = linux_syscall2(Int(__NR_arch_prctl), Int(ARCH_GET_FS), Int(bitPattern: base))
    }
    let pointer = unsafe UnsafePointer<UInt>(bitPattern: base).unsafelyUnwrapped
    check(unsafe pointer[0] == base, "fs:0 is the thread pointer itself")
    check(unsafe pointer[5] == linux_canary(), "the canary is at fs:0x28")
    check(base % 16 == 0, "the thread pointer is aligned")
    let variables = UInt(bitPattern: unsafe linux_this_thread())
    check(
        variables < base && base - variables <= 1024 && variables % 8 == 0,
        "thread-local variables lie below the thread pointer")
    check(linux_canary() != 0 && linux_canary() & 0xff == 0, "the canary is not 0, and ends strings")
}

/// The value of a type in the auxiliary vector.
private func auxiliaryValue(_ type: Int32) -> UInt {
    var entry = unsafe linux_process().pointee.auxiliary.unsafelyUnwrapped
    // SAFETY: pairs, ended by AT_NULL.
    while unsafe entry[0] != UInt(AT_NULL) {
        if unsafe entry[0] == UInt(type) { return unsafe entry[1] }
        unsafe entry += 2
    }
    return 0
}

private func checkAuxiliaryVector() {
    check(auxiliaryValue(AT_PAGESZ) == UInt(Memory.pageSize), "the page size is 4096")
    check(auxiliaryValue(AT_PHNUM) > 0 && auxiliaryValue(AT_ENTRY) != 0, "the auxiliary vector names the program")
    let random = unsafe UnsafePointer<UInt>(bitPattern: auxiliaryValue(AT_RANDOM)).unsafelyUnwrapped
    check(unsafe random.pointee & ~0xff == linux_canary(), "the canary is of the kernel's random bytes")
}

/// `/proc` has the same bytes, by another way.
private func checkWhatTheKernelSays() {
    let process = unsafe linux_process().pointee
    let words = unsafe UnsafeRawPointer(process.auxiliary.unsafelyUnwrapped)
    let vector = Text(path: "/proc/self/auxv")
    check(vector.bytes.count >= 32 && vector.bytes.count % 16 == 0, "the auxiliary vector is not empty")
    for index in 0..<vector.bytes.count {
        check(
            unsafe vector.bytes[index] == words.load(fromByteOffset: index, as: UInt8.self),
            "the auxiliary vector is the kernel's")
    }
    let environment = unsafe process.environment.unsafelyUnwrapped
    let arguments = unsafe process.arguments.unsafelyUnwrapped
    check(unsafe arguments[process.argument_count] == nil, "the arguments end with nil")
    check(unsafe environment == arguments + process.argument_count + 1, "the environment follows the arguments")
}

/// The vDSO's clocks and the kernel's own are the same.
private func checkClock() {
    for _ in 0..<1000 {
        let before = clockBySystemCall(CLOCK_MONOTONIC)
        let monotonic = Clock.monotonicNanoseconds
        let after = clockBySystemCall(CLOCK_MONOTONIC)
        check(before <= monotonic && monotonic <= after, "the monotonic clock is the kernel's")
        let unixBefore = clockBySystemCall(CLOCK_REALTIME) / 1_000_000
        let unix = Clock.unixMilliseconds
        check(unixBefore <= unix && unix <= unixBefore + 5_000, "the time of day is the kernel's")
    }
    guard hasPrefix(clockSource.bytes, "tsc") || hasPrefix(clockSource.bytes, "kvm-clock") else { return }
    let child = Child.run {
        forbid(systemCall: __NR_clock_gettime)
        for _ in 0..<100 { check(Clock.monotonicMilliseconds > 0 && Clock.unixMilliseconds > 0, "clocks run") }
    }
    child.check(.exited(0), "reading a clock is no system call")
}

/// Has a system call kill this process: seccomp(2). Without effect where the kernel refuses.
private func forbid(systemCall: Int32) {
    // Of `struct sock_filter`, code in the low half and operand in the high one: load the call's number; if it is this
    // one, go on, else skip one; kill the process; allow.
    var filter: [4 of UInt64] = [
        0x20, 0x0100_0015 | UInt64(systemCall) << 32, 0x06 | 0x8000_0000 << 32, 0x06 | 0x7fff_0000 << 32,
    ]
    // SAFETY: the kernel copies a `struct sock_fprog`: a count and a pointer.
    unsafe withUnsafePointer(to: &filter) { filter in
        var program: [2 of UInt] = [4, UInt(bitPattern: filter)]
        unsafe withUnsafePointer(to: &program) { program in
            _ = linux_syscall5(Int(__NR_prctl), Int(PR_SET_NO_NEW_PRIVS), 1, 0, 0, 0)
            _ = linux_syscall3(Int(__NR_prctl), Int(PR_SET_SECCOMP), 2, Int(bitPattern: program))
        }
    }
}

private var clockSource: Text { Text(path: "/sys/devices/system/clocksource/clocksource0/current_clocksource") }

private func clockBySystemCall(_ clock: Int32) -> UInt64 {
    var time = __kernel_timespec()
    // SAFETY: the kernel writes one timespec.
    unsafe withUnsafeMutablePointer(to: &time) { time in
        _ = linux_syscall2(Int(__NR_clock_gettime), Int(clock), Int(bitPattern: time))
    }
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

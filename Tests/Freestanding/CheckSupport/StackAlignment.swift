// Tests/Freestanding/CheckSupport/StackAlignment.swift — where the stack pointer is when a function is called.

internal import CLinux

/// The stack pointer of the last call that ``isStackAligned()`` made.
nonisolated(unsafe) private var stackAtCall: UInt = 0

/// Whether the calling thread's stack is aligned as the x86-64 ABI demands: to 16 bytes at each call.
///
/// No compiled code can be trusted to say so, since the compiler takes it for granted. So this calls a page that may not
/// be executed: the fault's handler sees the stack pointer as the call left it, and returns in place of the page.
@inline(never)
public func isStackAligned() -> Bool {
    let page = unsafe UnsafeMutableRawPointer(bitPattern: forbiddenPage()).unsafelyUnwrapped
    // SAFETY: the handler returns to the caller of `page` before anything there is executed.
    let function = unsafe unsafeBitCast(page, to: (@convention(c) () -> Void).self)
    _ = unsafe linux_set_signal_handler(
        SIGSEGV,
        { _, _, context in
            let registers = unsafe context.unsafelyUnwrapped.assumingMemoryBound(to: ucontext.self)
            let stack = unsafe registers.pointee.uc_mcontext.rsp
            unsafe stackAtCall = UInt(stack)
            let returnAddress = unsafe UnsafePointer<UInt64>(bitPattern: UInt(stack)).unsafelyUnwrapped
            unsafe registers.pointee.uc_mcontext.rip = returnAddress.pointee
            unsafe registers.pointee.uc_mcontext.rsp = stack + 8
        }, UInt(SA_SIGINFO))
    function()
    _ = linux_set_signal_handler(SIGSEGV, nil, 0)
    // The call itself pushed eight bytes.
    return unsafe (stackAtCall & 15) == 8
}

private func forbiddenPage() -> Int {
    linux_syscall6(Int(__NR_mmap), 0, 4096, Int(PROT_NONE), Int(MAP_PRIVATE | MAP_ANONYMOUS), -1, 0)
}

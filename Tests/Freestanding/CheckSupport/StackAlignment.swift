// Tests/Freestanding/CheckSupport/StackAlignment.swift — where the stack pointer is when a function is called.

internal import CLinux

/// The stack pointer of the last call that ``isStackAligned()`` made.
nonisolated(unsafe) private var stackAtCall: UInt = 0

/// Whether the calling thread's stack is aligned as the x86-64 ABI demands: to 16 bytes at each call.
///
/// No compiled code can be trusted to say so, since the compiler takes it for granted. So this calls a page that may
/// not be executed: the fault's handler sees the stack pointer as the call left it, and returns in place of the page.
@inline(never)
public func isStackAligned() -> Bool {
    let page = unsafe UnsafeMutableRawPointer(bitPattern: forbiddenPage()).unsafelyUnwrapped
    // SAFETY: the handler returns to the caller of `page` before anything there is executed.
    let function = unsafe unsafeBitCast(page, to: (@convention(c) () -> Void).self)
    _ = unsafe linux_set_signal_handler(
        SIGSEGV,
        { _, _, context in
            // SAFETY: <asm/ucontext.h> and <asm/sigcontext.h> have the stack pointer at 160 and the instruction at 168.
            let context = unsafe context.unsafelyUnwrapped
            let stack = unsafe context.load(fromByteOffset: 160, as: UInt.self)
            unsafe stackAtCall = stack
            let returnAddress = unsafe UnsafePointer<UInt>(bitPattern: stack).unsafelyUnwrapped
            unsafe context.storeBytes(of: returnAddress.pointee, toByteOffset: 168, as: UInt.self)
            unsafe context.storeBytes(of: stack + 8, toByteOffset: 160, as: UInt.self)
        }, UInt(SA_SIGINFO))
    function()
    _ = linux_set_signal_handler(SIGSEGV, nil, 0)
    // The call itself pushed eight bytes.
    return unsafe (stackAtCall & 15) == 8
}

private func forbiddenPage() -> Int {
    linux_syscall6(Int(__NR_mmap), 0, 4096, Int(PROT_NONE), Int(MAP_PRIVATE | MAP_ANONYMOUS), -1, 0)
}

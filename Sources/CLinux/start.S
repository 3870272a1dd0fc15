// Sources/CLinux/start.S — where the kernel enters: a process, a thread, the end of a signal handler.

#ifndef ASYNC_NOSTD_HOSTED
// The process begins. rsp points at argc; the ABI promises 16-byte alignment, and rbp = 0 marks the outermost frame.
// Weak, and in a section of its own: in `async-nostdd` glibc's `_start` (crt1.o) takes its place, and the linker drops
// this one with all that only it needs.
    .section .text._start, "ax", @progbits
    .weak   _start
    .type   _start, @function
_start:
    .cfi_startproc
    .cfi_undefined rip
    xorl    %ebp, %ebp
    movq    %rsp, %rdi
    andq    $-16, %rsp
    call    linux_start
    ud2
    .cfi_endproc
    .size   _start, . - _start
#endif

    .text

// linux_spawn(flags rdi, stack_top rsi, parent_id rdx, child_id rcx, thread_pointer r8, entry r9, argument 8(rsp))
// clone(2) wants child_id in r10. The child finds entry and argument on its own new stack.
    .globl  linux_spawn
    .hidden linux_spawn
    .type   linux_spawn, @function
linux_spawn:
    .cfi_startproc
    movq    8(%rsp), %rax
    andq    $-16, %rsi
    subq    $16, %rsi
    movq    %r9, 0(%rsi)
    movq    %rax, 8(%rsi)
    movq    %rcx, %r10
    movl    $56, %eax           // __NR_clone
    syscall
    testq   %rax, %rax
    jz      1f
    ret
1:  .cfi_undefined rip
    xorl    %ebp, %ebp
    popq    %rax
    popq    %rdi                // rsp is the stack's top again, 16-byte aligned as a call wants it
    call    *%rax
    movl    %eax, %edi
    movl    $60, %eax           // __NR_exit: this thread only
    syscall
    ud2
    .cfi_endproc
    .size   linux_spawn, . - linux_spawn

    .globl  linux_signal_restorer
    .hidden linux_signal_restorer
    .type   linux_signal_restorer, @function
linux_signal_restorer:
    movl    $15, %eax           // __NR_rt_sigreturn
    syscall
    ud2
    .size   linux_signal_restorer, . - linux_signal_restorer

    .section .note.GNU-stack, "", @progbits

// Sources/CLinux/signal.c — what the kernel saved of the thread that a signal interrupted.
//
// Here and in no header: glibc has structs of the same names, which the hosted build sees too.

#include <linux/types.h>

#include <asm/signal.h>
#include <asm/sigcontext.h>
#include <asm/ucontext.h>

__attribute__((visibility("hidden"))) unsigned long linux_signal_ip(void *context) {
    return context ? ((struct ucontext *)context)->uc_mcontext.rip : 0;
}

// A section of its own: only debug builds call it.
__attribute__((visibility("hidden"), section(".text.linux_signal_callers"))) unsigned linux_signal_callers(
    void *context, unsigned long start, unsigned long end, unsigned long *callers, unsigned room) {
    const struct sigcontext *saved = &((struct ucontext *)context)->uc_mcontext;
    if (start < saved->rsp) start = saved->rsp;
    unsigned count = 0;
    // Code that keeps no frame pointer may hold anything in the register, so each frame has to lie in the stack, above
    // the one before.
    for (unsigned long frame = saved->rbp; count < room && frame % 8 == 0 && frame >= start && frame < end - 8;) {
        const unsigned long *words = (const unsigned long *)frame;
        if (!words[1]) break;
        callers[count++] = words[1] - 1;
        start = frame + 16;
        frame = words[0];
    }
    return count;
}

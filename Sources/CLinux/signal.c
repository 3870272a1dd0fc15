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

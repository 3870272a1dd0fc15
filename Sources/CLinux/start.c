// Sources/CLinux/start.c — from `_start` to `main`, and the TLS block of every thread.

#include "CLinux.h"

struct linux_process linux_process_start;
void (*linux_before_exit)(void);

__attribute__((no_stack_protector, visibility("hidden")))
void linux_take_process(long argument_count, char **arguments) {
    char **environment = arguments + argument_count + 1;
    char **end = environment;
    while (*end) end++;
    linux_process_start = (struct linux_process){
        argument_count, arguments, environment, (const unsigned long *)(end + 1)};
}

/// The linker's name for the start of the executable's image, where its own program headers follow.
extern const struct elf64_hdr __ehdr_start __attribute__((visibility("hidden")));

/// Thread-control-block words that x86-64 code reads: the self pointer and the canary.
enum { tcb_self = 0, tcb_canary = 0x28 / sizeof(long), tcb_size = 64 };

__attribute__((no_stack_protector, visibility("hidden")))
void *linux_install_tls(void *block, unsigned long size, unsigned long canary) {
    const char *image = (const char *)&__ehdr_start;
    const struct elf64_phdr *header = (const struct elf64_phdr *)(image + __ehdr_start.e_phoff);
    const struct elf64_phdr *tls = 0;
    unsigned long bias = 0;
    for (int i = 0; i < __ehdr_start.e_phnum; i++) {
        if (header[i].p_type == PT_TLS) tls = &header[i];
        // The image was loaded at `__ehdr_start`; a position-independent one is moved by this much.
        if (header[i].p_type == PT_LOAD && header[i].p_offset == 0) bias = (unsigned long)image - header[i].p_vaddr;
    }
    // The image ends at the thread pointer, but for what keeps it as aligned as the linker placed it.
    unsigned long image_align = tls && tls->p_align ? tls->p_align : 1;
    unsigned long reserved = tls ? tls->p_memsz + (-(tls->p_vaddr + tls->p_memsz) & (image_align - 1)) : 0;
    unsigned long align = image_align > 16 ? image_align : 16;
    unsigned long top = ((unsigned long)block + size - tcb_size) & -align;
    if (reserved + tcb_size + align > size) return 0;
    if (tls) {
        const char *source = (const char *)(tls->p_vaddr + bias);
        char *target = (char *)(top - reserved);
        for (unsigned long i = 0; i < tls->p_filesz; i++) target[i] = source[i];
    }
    unsigned long *tcb = (unsigned long *)top;
    tcb[tcb_self] = top;
    tcb[tcb_canary] = canary;
    return tcb;
}

unsigned long linux_image(void) { return (unsigned long)&__ehdr_start; }

__thread struct linux_thread linux_thread_block;
__thread struct linux_diagnosis linux_diagnosis_block;

#ifndef ASYNC_NOSTD_HOSTED

/// Swift's entry point of the executable.
int main(int argument_count, char **arguments);

/// The main thread's TLS block; the other threads map theirs beside their stacks.
static char main_tls[1024] __attribute__((aligned(64)));

static const char no_tls[] = "async-nostd: no room for the main thread's TLS block\n";

__attribute__((noreturn, no_stack_protector, visibility("hidden")))
void linux_start(long *stack) {
    linux_take_process(stack[0], (char **)(stack + 1));

    // 16 random bytes from the kernel; the lowest byte of the canary is 0, which stops runaway string copies.
    unsigned long canary = 0x5bd1e995a7c15f00;
    for (const unsigned long *entry = linux_process_start.auxiliary; entry[0] != AT_NULL; entry += 2) {
        if (entry[0] == AT_RANDOM) canary = *(const unsigned long *)entry[1] & ~0xfful;
    }
    void *thread_pointer = linux_install_tls(main_tls, sizeof main_tls, canary);
    if (!thread_pointer || linux_syscall2(__NR_arch_prctl, ARCH_SET_FS, (long)thread_pointer) != 0) {
        linux_syscall3(__NR_write, 2, (long)no_tls, sizeof no_tls - 1);
        linux_syscall1(__NR_exit_group, 71);
    }
    int status = main((int)stack[0], linux_process_start.arguments);
    linux_prepare_exit();
    linux_syscall1(__NR_exit_group, status);
    __builtin_unreachable();
}

#endif

// Sources/CLinux/include/thread.h — thread-local variables, and how a thread begins.

#ifndef CLINUX_THREAD_H
#define CLINUX_THREAD_H

#include "syscall.h"
#include "uapi.h"

#define LINUX_NULLABLE _Nullable
#define LINUX_NONNULL _Nonnull

/// The thread-local variables of the whole product, one struct: `%fs:` plus a constant reaches each of them.
struct linux_thread {
    void *LINUX_NULLABLE heap;    ///< Primitives.Heap of this thread
    void *LINUX_NULLABLE task;    ///< the Swift task that runs now (CTaskABI)
    void *LINUX_NULLABLE worker;  ///< Runtime.Worker, on worker threads
    void *LINUX_NULLABLE log;     ///< Logging.LogSource of this thread
    unsigned long long now;       ///< ms of the monotonic clock at this turn of a worker's loop; 0 elsewhere
    void *LINUX_NULLABLE hold;    ///< not null: the next job made on this thread goes to `held`
    void *LINUX_NULLABLE held;
};

// The hosted unit tests may be linked as a shared object, which local-exec is not for.
#ifdef ASYNC_NOSTD_HOSTED
extern __thread struct linux_thread linux_thread_block;
#else
extern __thread struct linux_thread linux_thread_block
    __attribute__((tls_model("local-exec"), visibility("hidden")));
#endif

/// This thread's variables. Local-exec: one instruction, and right on raw `clone` threads, which have a block laid out
/// by `linux_install_tls`.
static inline __attribute__((always_inline)) struct linux_thread *LINUX_NONNULL linux_this_thread(void) {
    return &linux_thread_block;
}

/// Sets `now`.
static inline __attribute__((always_inline)) void linux_set_turn(unsigned long long now) {
    linux_thread_block.now = now;
}

/// Whether the next job made on this thread goes to `held`.
static inline __attribute__((always_inline)) _Bool linux_holds_next(void) { return linux_thread_block.hold != 0; }
static inline __attribute__((always_inline)) void linux_set_holds_next(_Bool holds) {
    linux_thread_block.hold = holds ? &linux_thread_block : 0;
}

/// What a panic tells of the thread on which it comes.
struct linux_diagnosis {
    const char *LINUX_NULLABLE reason;  ///< why the thread traps next, ends with a NUL; null: not known
    const char *LINUX_NULLABLE subject; ///< what the reason is about, ends with a NUL; null or empty: nothing
    unsigned long stack;                ///< where the stack begins, below which lies its guard; 0 on the main thread
};

#ifdef ASYNC_NOSTD_HOSTED
extern __thread struct linux_diagnosis linux_diagnosis_block;
#else
extern __thread struct linux_diagnosis linux_diagnosis_block
    __attribute__((tls_model("local-exec"), visibility("hidden")));
#endif

/// This thread's.
CLINUX_INLINE struct linux_diagnosis *LINUX_NONNULL linux_this_diagnosis(void) { return &linux_diagnosis_block; }

/// Where this thread's stack begins.
CLINUX_INLINE unsigned long linux_stack_start(void) { return linux_diagnosis_block.stack; }
CLINUX_INLINE void linux_set_stack_start(unsigned long start) { linux_diagnosis_block.stack = start; }

/// The bytes that the kernel left on the main thread's stack: arguments, environment, auxiliary vector.
struct linux_process {
    long argument_count;
    char *LINUX_NULLABLE *LINUX_NULLABLE arguments;
    char *LINUX_NULLABLE *LINUX_NULLABLE environment;
    const unsigned long *LINUX_NULLABLE auxiliary;  ///< pairs of type and value, ended by AT_NULL
};
extern struct linux_process linux_process_start __attribute__((visibility("hidden")));

/// Notes them, for `linux_process`. Environment and auxiliary vector lie behind the arguments, as the kernel puts them.
void linux_take_process(long argument_count, char *LINUX_NULLABLE *LINUX_NONNULL arguments);

/// What the process was started with. Written before `main`, then only read.
CLINUX_INLINE const struct linux_process *LINUX_NONNULL linux_process(void) { return &linux_process_start; }

/// Lays out one thread's TLS block in `size` zeroed bytes at `block`: the executable's PT_TLS image, and above it the
/// thread pointer with its self pointer at offset 0 and the stack canary at 0x28 (x86-64 psABI, TLS variant II).
/// Returns the thread pointer, which `CLONE_SETTLS` or ARCH_SET_FS takes; null where `size` is too small.
void *LINUX_NULLABLE linux_install_tls(void *LINUX_NONNULL block, unsigned long size, unsigned long canary);

/// The address at which the executable's image begins. In a position-independent executable, addresses in the file
/// are relative to it.
unsigned long linux_image(void);

/// What has to happen on the calling thread before the process ends, set by those parts of a program that need it: the rest
/// of a printed line is written.
extern void (*LINUX_NULLABLE linux_before_exit)(void) __attribute__((visibility("hidden")));

/// Calls it.
CLINUX_INLINE void linux_prepare_exit(void) {
    if (linux_before_exit) linux_before_exit();
}

/// The stack canary of the calling thread.
CLINUX_INLINE unsigned long linux_canary(void) {
    unsigned long canary;
    __asm__("mov %%fs:0x28, %0" : "=r"(canary));
    return canary;
}

/// What a new thread runs. Its result is the thread's exit status, which is never read.
typedef int (*linux_thread_entry)(void *LINUX_NULLABLE argument);

/// clone(2) on a stack of its own: the child calls `entry(argument)` and ends; the parent gets its id, or -errno.
long linux_spawn(
    unsigned long flags, void *LINUX_NONNULL stack_top, int *LINUX_NONNULL parent_id, int *LINUX_NONNULL child_id,
    void *LINUX_NONNULL thread_pointer, linux_thread_entry LINUX_NONNULL entry, void *LINUX_NULLABLE argument);

/// The `sa_restorer` that x86-64 demands: rt_sigreturn(2).
void linux_signal_restorer(void);

/// A handler with SA_SIGINFO.
typedef void (*linux_signal_handler)(int signal, void *LINUX_NULLABLE info, void *LINUX_NULLABLE context);

/// rt_sigaction(2) with the restorer filled in; the header's struct hides the handler behind a union.
CLINUX_INLINE long linux_set_signal_handler(
    int signal, linux_signal_handler LINUX_NULLABLE handler, unsigned long flags) {
    struct linux_sigaction action = {0};
    action.sa_handler = (__sighandler_t)(void (*)(void))handler;
    action.sa_flags = flags | SA_RESTORER;
    action.sa_restorer = linux_signal_restorer;
    return linux_syscall4(__NR_rt_sigaction, signal, (long)&action, 0, sizeof(linux_sigset_t));
}

/// The faulting instruction out of a signal's context.
unsigned long linux_signal_ip(void *LINUX_NULLABLE context);

/// The calls that led to the instruction of a signal's context, innermost first: of each the address of its last byte.
/// They come from the chain of frame pointers, as far as it lies in the stack, `start..<end`. Returns how many there
/// are, at most `room`.
unsigned linux_signal_callers(
    void *LINUX_NONNULL context, unsigned long start, unsigned long end, unsigned long *LINUX_NONNULL callers,
    unsigned room);

/// The address that the faulting instruction wanted.
CLINUX_INLINE unsigned long linux_signal_address(void *LINUX_NULLABLE info) {
    return info ? (unsigned long)((linux_siginfo_t *)info)->si_addr : 0;
}

/// Whether a process sent the signal, as opposed to an instruction that faulted. kill(2), tgkill(2) and similar calls
/// leave codes up to 0.
CLINUX_INLINE _Bool linux_signal_was_sent(void *LINUX_NULLABLE info) {
    return info && ((linux_siginfo_t *)info)->si_code <= 0;
}

/// Reads a word that the kernel clears when a thread ends; what the thread wrote before is seen.
CLINUX_INLINE int linux_load_acquire(const int *LINUX_NONNULL word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }

/// Ends the process by SIGILL.
CLINUX_INLINE _Noreturn void linux_trap(void) { __builtin_trap(); }

/// Tells the processor that this is a spin loop.
CLINUX_INLINE void linux_relax(void) { __builtin_ia32_pause(); }

#endif

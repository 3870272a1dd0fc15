// Sources/CTaskABI/task.h — memory layouts of Swift tasks, as Embedded Swift 6.3 compiles code against them.
//
// The compiler turns `Task {}`, `await` and continuations into calls such as `swift_task_create`, which this module
// defines. Runtime gives it two functions: `async_nostd_enqueue` and `async_nostd_task_ended`.
//
// A task is free when it is made: any worker may run it, and another one after each suspension. Runtime may give it a
// home before it first runs; then it is bound to that worker. A continuation may be resumed on any thread. Child
// tasks, `async let`, groups, actors and task-local values are not supported: a missing function does not link, and a
// flag or option of these traps in `task_unsupported`.
//
// The compiler, or the standard library's inlined code, knows the offsets marked (ABI). All others are ours. The facts
// come from swift/include/swift/ABI/Task.h and from the IR that swiftc 6.3.1 emits; the asserts below hold them.

#ifndef CTASKABI_TASK_H
#define CTASKABI_TASK_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "CTaskABI.h"

#define SWIFT_CC __attribute__((swiftcall))
#define SWIFT_ASYNC __attribute__((swiftasynccall))
#define CONTEXT __attribute__((swift_async_context))
#define SELF __attribute__((swift_context))
#define HIDDEN __attribute__((visibility("hidden")))

struct heap_object {
    const void *metadata;
    _Atomic(uint64_t) references;
};

struct async_context;
typedef SWIFT_ASYNC void task_continuation(CONTEXT struct async_context *context);

/// A frame of an async function. What follows the header belongs to the function.
struct async_context {
    struct async_context *parent;       // (ABI)
    task_continuation *resume_parent;   // (ABI)
};

/// `withUnsafeContinuation`'s frame.
struct continuation_context {
    struct async_context base;
    size_t flags;                       // bit 0: can throw
    _Atomic(size_t) synchronization;    // enum continuation_state
    void *error;
    void *result;                       // (ABI) where `resume(returning:)`, inlined, stores the value
    uintptr_t executor[2];
};

enum continuation_state { continuation_pending, continuation_awaited, continuation_resumed };

struct job;
typedef SWIFT_ASYNC void job_function(struct job *job);

struct job {
    struct heap_object object;
    struct task_job_link link;          // (ABI) left to the scheduler
    uint32_t flags;                     // (ABI) kind in bits 0-7
    uint32_t id;
    void *voucher;
    void *reserved;
    union {
        job_function *run;
        task_continuation *resume;      // (ABI)
    };
};

enum { job_kind_mask = 0xff, job_kind_task = 0, job_kind_nullary_continuation = 195 };
enum { job_priority_default = 0x15, job_priority_shift = 8 };
enum { job_is_future = 1 << 25 };

/// A block of a task's stack of frames beside the task's own block, which is the first part of it. Frames follow.
struct slab {
    struct slab *previous;              // null: the one below is the task's own block
    char *saved_top, *saved_end;        // of the one below, when this slab was entered
    char *end;
};

typedef SWIFT_CC void cancellation_handler(SELF void *argument);

/// What hears of a task's cancellation, in the task's own frames; see cancel.c. Runtime's `task_cancellation_record`.
struct status_record {
    struct status_record *next;         // under task_records_locked
    task_cancellation_handler *handler;
    _Atomic(uint32_t) state;            // enum record_state
};

/// The record of `withTaskCancellationHandler`.
struct closure_record {
    struct status_record base;
    cancellation_handler *handler;
    void *argument;
};

struct task {
    struct job job;
    struct async_context *resume_context;  // (ABI)
    uint64_t handle;                    // Runtime's name for the task, or 0
    uint32_t home;                      // the worker that runs this task, or task_is_free
    _Atomic(uint32_t) status;           // enum task_status
    struct status_record *records;      // under task_records_locked
    struct slab *slab;                  // innermost; null: the task's own block
    char *top, *end;                    // the free bytes of the innermost
    struct slab *spare;                 // one empty slab, kept
    void *locals;                       // task-local values
};

/// The home of a task that any worker may run.
#define task_is_free UINT32_MAX

enum task_status { task_cancelled = 1, task_records_locked = 2 };

/// The task's result type; the compiler passes it at creation.
struct result_type {
    size_t size;
    size_t alignment_mask;
    void *(*copy)(void *target, void *source, const void *type);
    void (*store_enum_tag)(void *value, uint32_t tag, uint32_t empty_cases, const void *type);
    void (*destroy)(void *value, const void *type);
};

/// What `await task.value` waits for. It follows the task's header.
struct future {
    _Atomic(uintptr_t) waiters;         // enum future_state in the low bits, else the newest waiting task
    void *(*copy)(void *target, void *source, const void *type);
    void (*destroy)(void *value, const void *type);
    void *storage;                      // the result, once there
};

enum future_state { future_executing = 0, future_success = 1, future_state_mask = 3 };

/// What precedes a task's first frame.
struct entry_prefix {
    void *result;                       // the future's storage
    void (*function)(void);             // the task's code; its real type depends on `result`
    struct heap_object *closure;
};

/// The frame that a task waits in for another task's result.
struct wait_context {
    struct async_context base;
    void *error;
    void *result;
};

struct task_option {
    size_t flags;                       // kind in the low byte
    struct task_option *next;
};

struct task_option_result_type {
    struct task_option base;
    struct result_type type;
};

enum task_option_kind {
    task_option_serial_executor = 0,
    task_option_task_executor = 5,
    task_option_result_type_info = 4,
    task_option_name = 7,
};

struct task_option_executor {
    struct task_option base;
    uintptr_t identity, implementation;
};

enum { create_is_child = 1 << 8, create_enqueue = 1 << 12, create_closure_is_consumed = 1 << 15 };

/// What `Task { }` points at: relative address of the code and size of its frame.
struct async_function_pointer {
    int32_t code;
    uint32_t context_size;
};

struct task_and_context {
    struct task *task;
    struct async_context *context;
};

_Static_assert(offsetof(struct job, link) == task_job_link_offset, "scheduler's words");
_Static_assert(offsetof(struct job, flags) == 32, "job flags");
_Static_assert(offsetof(struct job, resume) == 56, "resume function");
_Static_assert(sizeof(struct job) == 64, "job");
_Static_assert(offsetof(struct task, resume_context) == 64, "UnsafeContinuation.resume reads it");
_Static_assert(offsetof(struct continuation_context, result) == 40, "UnsafeContinuation.resume stores through it");
_Static_assert(offsetof(struct continuation_context, synchronization) == 24, "continuation state");
_Static_assert(sizeof(struct continuation_context) == 64, "continuation");
_Static_assert(sizeof(struct task_option_result_type) == 56, "result type option");
_Static_assert(sizeof(struct slab) % 16 == 0, "frames lie at multiples of 16");
_Static_assert(sizeof(struct status_record) == sizeof(struct task_cancellation_record), "Runtime makes room for it");
_Static_assert(
    sizeof(struct task) + sizeof(struct future) + sizeof(struct entry_prefix) <= 288,
    "what each task takes beside its result and its frames");

// From Embedded Swift's standard library, in whichever module uses classes.
extern void *swift_retain(void *object);
extern void swift_release(void *object);
extern int posix_memalign(void **block, size_t alignment, size_t size);
extern void free(void *block);

/// The task that runs on the calling thread, or null.
HIDDEN struct task *task_current(void);
HIDDEN void task_set_current(struct task *task);

/// Ends the process with an illegal instruction: the program uses an unsupported part of Swift concurrency.
HIDDEN _Noreturn void task_unsupported(void);

HIDDEN void *task_block(size_t size);

SWIFT_CC void *swift_task_alloc(size_t size);
SWIFT_CC void swift_task_dealloc(void *frame);

HIDDEN struct future *task_future(struct task *task);
HIDDEN void future_complete(struct task *task);
HIDDEN void task_free_frames(struct task *task);

static inline size_t round_up(size_t size, size_t alignment) { return (size + alignment - 1) & ~(alignment - 1); }

#endif

// Sources/CTaskABI/task.c — a task's life: creation, first step, completion, destruction.
//
//   swift_task_create ──enqueue──> future_entry / plain_entry ──> the task's function … complete ──> waiters wake
//          │                                                                              │
//          └─ references: 1 for the creator's handle, 1 for running ──────────────────────┴─> destroy_task at 0

#include "task.h"
#include <CLinux.h>

// An executable compiled by another Swift would disagree with these layouts silently. SwiftPM compiles this file
// with the toolchain's own clang, whose version moves with Swift's.
#if !defined(__clang__) || __clang_major__ != 21
#error "async-nostd: CTaskABI knows the task ABI of Swift 6.3 (clang 21); build with swift 6.3.x, see Sources/CTaskABI/task.h"
#endif

/// What a task's block leaves beside the frame of the task's function for what that calls: two thunks, a closure, and a
/// wait such as `sleep`. A task that does no more has no other block. Blocks are multiples of 128 bytes, as the heap's
/// classes from 512 bytes to 1 KiB are.
enum { minimum_room = 256, block_unit = 128 };

static _Atomic(uint32_t) next_id = 1;

struct task *task_current(void) { return linux_this_thread()->task; }
void task_set_current(struct task *task) { linux_this_thread()->task = task; }

SWIFT_CC struct task *swift_task_getCurrent(void) { return task_current(); }

_Noreturn void task_unsupported(void) { __builtin_trap(); }

void *task_block(size_t size) {
    void *block = 0;
    if (posix_memalign(&block, 16, size) != 0) task_unsupported();
    return block;
}

// MARK: Destruction

/// `swift_release` calls this for the last reference.
static SWIFT_CC void destroy_task(SELF struct task *task) {
    struct future *future = task_future(task);
    if (future) {
        uintptr_t state = atomic_load_explicit(&future->waiters, memory_order_acquire);
        if (state == future_success) future->destroy(future->storage, 0);
    }
    task_free_frames(task);
    free(task);
}

/// An Embedded Swift class's metadata: superclass, destroying deallocator.
static const struct {
    const void *superclass;
    SWIFT_CC void (*destroy)(SELF struct task *);
} task_metadata = {0, destroy_task};

// MARK: First step and last step

typedef SWIFT_ASYNC void future_function(CONTEXT struct async_context *, void *result, SELF struct heap_object *closure);
typedef SWIFT_ASYNC void plain_function(CONTEXT struct async_context *, SELF struct heap_object *closure);

typedef SWIFT_ASYNC void last_step(CONTEXT struct async_context *, SELF void *error);

static inline struct entry_prefix *prefix_of(struct async_context *context) {
    return (struct entry_prefix *)context - 1;
}

static SWIFT_ASYNC void future_entry(CONTEXT struct async_context *context) {
    struct entry_prefix *prefix = prefix_of(context);
    return ((future_function *)prefix->function)(context, prefix->result, prefix->closure);
}

static SWIFT_ASYNC void plain_entry(CONTEXT struct async_context *context) {
    struct entry_prefix *prefix = prefix_of(context);
    return ((plain_function *)prefix->function)(context, prefix->closure);
}

static SWIFT_ASYNC void complete(CONTEXT struct async_context *context, SELF void *error) {
    struct task *task = task_current();
    task_set_current(0);
    if (error) task_unsupported();  // a thrown `any Error`, which Embedded Swift 6.3 cannot carry
    if (task->handle) async_nostd_task_ended(task->handle);
    future_complete(task);
    swift_release(task);
}

static SWIFT_ASYNC void complete_and_release_closure(CONTEXT struct async_context *context, SELF void *error) {
    swift_release(prefix_of(context)->closure);
    return complete(context, error);
}

// MARK: Creation

/// What the option records (a linked list on the creator's stack) say of the result.
static const struct result_type *result_type_option(const struct task_option *option) {
    const struct result_type *type = 0;
    for (; option; option = option->next) {
        switch (option->flags & 0xff) {
        case task_option_result_type_info:
            type = &((const struct task_option_result_type *)option)->type;
            break;
        case task_option_serial_executor:
        case task_option_task_executor:
            if (((const struct task_option_executor *)option)->identity) task_unsupported();
            break;
        case task_option_name:
            break;
        default:  // task groups and `async let` are not supported
            task_unsupported();
        }
    }
    return type;
}

SWIFT_CC struct task_and_context swift_task_create(
    size_t flags, struct task_option *options, const void *result_metadata,
    const struct async_function_pointer *function, struct heap_object *closure) {
    (void)result_metadata;
    if (flags & create_is_child) task_unsupported();
    const struct result_type *type = result_type_option(options);

    // One block: task, future, result, prefix, first frame, and the rest as the first slab.
    size_t storage = sizeof(struct task) + (type ? sizeof(struct future) : 0);
    if (type) storage = round_up(storage, type->alignment_mask + 1);
    size_t prefix = round_up(storage + (type ? type->size : 0) + sizeof(struct entry_prefix), 16);
    size_t frames = prefix + round_up(function->context_size, 16);
    size_t size = round_up(frames + minimum_room, block_unit);
    char *block = task_block(size);

    struct task *task = (struct task *)block;
    *task = (struct task){
        .job.object = {&task_metadata, 1},
        .job.flags = job_kind_task | job_priority_default << job_priority_shift | (type ? job_is_future : 0),
        .job.id = atomic_fetch_add_explicit(&next_id, 1, memory_order_relaxed),
        .job.resume = type ? future_entry : plain_entry,
        .resume_context = (struct async_context *)(block + prefix),
        .home = task_is_free,
        .top = block + frames,
        .end = block + size,
    };
    if (type) {
        *task_future(task) = (struct future){.copy = type->copy, .destroy = type->destroy, .storage = block + storage};
    }
    struct async_context *context = task->resume_context;
    *prefix_of(context) = (struct entry_prefix){
        .result = block + storage,
        .function = (void (*)(void))((const char *)&function->code + function->code),
        .closure = closure,
    };
    context->parent = 0;
    // It also gets the error in the self register, which the common type of continuations does not name.
    last_step *last = closure && !(flags & create_closure_is_consumed) ? complete_and_release_closure : complete;
    context->resume_parent = (task_continuation *)(void (*)(void))last;
    if (flags & create_enqueue) {
        swift_retain(task);
        async_nostd_enqueue(task);
    }
    return (struct task_and_context){task, context};
}

// MARK: Running

void task_run(void *pointer) {
    struct job *job = pointer;
    if ((job->flags & job_kind_mask) != job_kind_task) return job->run(job);
    struct task *task = (struct task *)job;
    task_set_current(task);
    job->resume(task->resume_context);
    task_set_current(0);
}

unsigned int task_home(void *pointer) {
    struct job *job = pointer;
    if ((job->flags & job_kind_mask) == job_kind_task) return ((struct task *)job)->home;
    return (unsigned int)(uintptr_t)job->reserved;  // set by the code that made the job
}

void task_set_home(void *task, unsigned int worker) { ((struct task *)task)->home = worker; }

unsigned long long task_handle(void *task) { return ((struct task *)task)->handle; }
void task_set_handle(void *task, unsigned long long handle) { ((struct task *)task)->handle = handle; }

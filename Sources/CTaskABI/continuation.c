// Sources/CTaskABI/continuation.c — `withUnsafeContinuation`: suspend here, resume from any thread.
//
//               await                         resume
//   pending ──────────────> awaited ──────────────────────> the task is enqueued
//      │                                                      ^
//      │ resume                                               │ (only after the task has suspended)
//      └──────> resumed ──await──> continues, unsuspended     │
//
// One compare-and-swap decides which side was first. Release on success publishes the result (resume) or the task's
// frames (await); acquire on the other side sees them.
//
// A continuation is resumed once. A second time is undefined, as in Swift's own runtime: the compiler's code stores the
// value through the task before it calls this module, which could tell only by chance. Runtime's `CheckedContinuation`
// finds it for certain.

#include "task.h"

SWIFT_CC struct task *swift_continuation_init(struct continuation_context *context, size_t flags) {
    enum { can_throw = 1, has_executor_override = 2, is_preawaited = 4 };
    struct task *task = task_current();
    context->flags = flags & can_throw;
    context->error = 0;
    if (!(flags & has_executor_override)) context->executor[0] = context->executor[1] = 0;
    atomic_store_explicit(
        &context->synchronization, flags & is_preawaited ? continuation_awaited : continuation_pending,
        memory_order_relaxed);
    task->resume_context = &context->base;
    task->job.resume = context->base.resume_parent;
    return task;
}

SWIFT_ASYNC void swift_continuation_await(struct continuation_context *context) {
    size_t state = atomic_load_explicit(&context->synchronization, memory_order_acquire);
    if (state == continuation_pending) {
        // After a success another thread may enqueue the task at once, and a third may run it if it is free: nothing
        // of it is touched from here on, and this thread's stack has nothing of it either.
        if (atomic_compare_exchange_strong_explicit(
                &context->synchronization, &state, continuation_awaited, memory_order_acq_rel, memory_order_acquire)) {
            task_set_current(0);
            return;
        }
    }
    return context->base.resume_parent(&context->base);
}

SWIFT_CC void swift_continuation_resume(struct task *task) {
    struct continuation_context *context = (struct continuation_context *)task->resume_context;
    size_t state = atomic_load_explicit(&context->synchronization, memory_order_acquire);
    if (state == continuation_pending &&
        atomic_compare_exchange_strong_explicit(
            &context->synchronization, &state, continuation_resumed, memory_order_acq_rel, memory_order_acquire)) {
        return;
    }
    async_nostd_enqueue(task);
}

/// The same for a continuation whose type could carry an error; without one there is nothing else to do.
SWIFT_CC void swift_continuation_throwingResume(struct task *task) { swift_continuation_resume(task); }

void task_resume(void *task) { swift_continuation_resume(task); }

// MARK: Yielding

/// The job behind `Task.yield()`: resumes one continuation and is gone.
struct nullary_continuation_job {
    struct job job;
    struct task *task;
    struct task *continuation;
};

static SWIFT_ASYNC void run_nullary_continuation(struct job *job) {
    struct task *continuation = ((struct nullary_continuation_job *)job)->continuation;
    free(job);
    swift_continuation_resume(continuation);
}

SWIFT_CC struct job *swift_task_createNullaryContinuationJob(size_t priority, struct task *continuation) {
    struct nullary_continuation_job *job = task_block(sizeof *job);
    *job = (struct nullary_continuation_job){
        .job.flags = job_kind_nullary_continuation | (uint32_t)(priority & 0xff) << job_priority_shift,
        .job.run = run_nullary_continuation,
        .job.reserved = (void *)(uintptr_t)continuation->home,
        .continuation = continuation,
    };
    return &job->job;
}

SWIFT_CC void swift_task_enqueueGlobal(struct job *job) { async_nostd_enqueue(job); }

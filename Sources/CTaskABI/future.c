// Sources/CTaskABI/future.c — `await task.value`: tasks that wait for another task's result.
//
// `waiters` is a Treiber stack of waiting tasks, linked through the words that the ABI leaves to the scheduler, until
// completion replaces it by the final state with one exchange: no waiter is added afterwards, and each earlier one is
// found. Push: release (publishes the waiter's frame). Exchange: acquire-release (sees the frames, publishes the
// result). No ABA: nothing is ever popped singly.

#include "task.h"

struct future *task_future(struct task *task) {
    return task->job.flags & job_is_future ? (struct future *)(task + 1) : 0;
}

static inline struct wait_context *waiting_frame(struct task *waiter) {
    return (struct wait_context *)waiter->resume_context;
}

void future_complete(struct task *task) {
    struct future *future = task_future(task);
    if (!future) return;
    uintptr_t waiters = atomic_exchange_explicit(&future->waiters, future_success, memory_order_acq_rel);
    struct task *waiter = (struct task *)(waiters & ~(uintptr_t)future_state_mask);
    while (waiter) {
        struct task *next = (struct task *)waiter->job.link.next;
        future->copy(waiting_frame(waiter)->result, future->storage, 0);
        async_nostd_enqueue(waiter);
        waiter = next;
    }
}

static SWIFT_ASYNC void resume_waiter(CONTEXT struct async_context *context) {
    return context->resume_parent(context->parent);
}

SWIFT_ASYNC void swift_task_future_wait(
    void *result, CONTEXT struct async_context *caller, struct task *task, task_continuation *resume,
    struct wait_context *frame) {
    struct task *waiter = task_current();
    struct future *future = task_future(task);
    if (!future) task_unsupported();
    uintptr_t waiters = atomic_load_explicit(&future->waiters, memory_order_acquire);
    if ((waiters & future_state_mask) == future_executing) {
        *frame = (struct wait_context){.base = {caller, resume}, .result = result};
        waiter->resume_context = &frame->base;
        waiter->job.resume = resume_waiter;
        do {
            waiter->job.link.next = (struct task_job_link *)waiters;
            if (atomic_compare_exchange_weak_explicit(
                    &future->waiters, &waiters, (uintptr_t)waiter, memory_order_release, memory_order_acquire)) {
                task_set_current(0);
                return;
            }
        } while ((waiters & future_state_mask) == future_executing);
    }
    future->copy(result, future->storage, 0);
    return resume(caller);
}

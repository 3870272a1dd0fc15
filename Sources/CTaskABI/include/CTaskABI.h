// Sources/CTaskABI/include/CTaskABI.h — the part of the task ABI that Runtime drives.
//
// The compiler emits calls to `swift_task_create`, `swift_continuation_await` and so on for `Task { }` and `await`.
// This module defines them for tasks that run on several threads. What Runtime adds is where a job waits for its
// thread: it defines the two `async_nostd_…` functions at the end, and calls the rest.

#ifndef CTASKABI_H
#define CTASKABI_H

/// The first bytes of everything that can be scheduled; the compiler knows the offsets (TASK ABI, "Job").
struct task_job_link {
    struct task_job_link *_Nullable next;  ///< the same two words as Primitives.InboxNode
    unsigned long kind;
};

/// Where in a job its `task_job_link` lies: the two words that the ABI leaves to the scheduler.
enum { task_job_link_offset = 16 };

/// Runs a job on the calling thread until it suspends or ends.
void task_run(void *_Nonnull job);

/// The worker that `job` has to run on, or all bits: its task is free, and any worker may run it.
unsigned int task_home(void *_Nonnull job);

/// Binds a task that has never run to a worker. A new task is free.
void task_set_home(void *_Nonnull task, unsigned int worker);

/// Resumes a task that waits in a continuation, like `UnsafeContinuation.resume`.
void task_resume(void *_Nonnull task);

/// Memory in the running task's frames, at a multiple of 16. It is freed in the reverse order of its allocation, by the
/// async function that allocated it, before that function returns.
void *_Nonnull task_allocate_frame(unsigned long size);
void task_free_frame(void *_Nonnull frame);

/// What hears of a task's cancellation. It lies in the task's frames, at the start of what the handler needs. Its words
/// belong to this module.
struct task_cancellation_record {
    unsigned long words[3];
};
typedef void task_cancellation_handler(void *_Nonnull record);

/// Registers `handler`, which is called with `record` when the running task is cancelled: at most once, on any thread,
/// without a lock. False: the task is cancelled already, and the handler is not called.
_Bool task_add_cancellation_record(
    struct task_cancellation_record *_Nonnull record, task_cancellation_handler *_Nonnull handler);

/// Takes back what `task_add_cancellation_record` added. Sleeps while the handler runs on another thread.
void task_remove_cancellation_record(struct task_cancellation_record *_Nonnull record);

/// A word that Runtime keeps with a task, 0 at first; see `async_nostd_task_ended`.
unsigned long long task_handle(void *_Nonnull task);
void task_set_handle(void *_Nonnull task, unsigned long long handle);

/// Defined by Runtime: queues `job`, on its home worker if it has one. Any thread.
extern void async_nostd_enqueue(void *_Nonnull job);

/// Defined by Runtime: a task whose handle is not 0 has completed.
extern void async_nostd_task_ended(unsigned long long handle);

#endif

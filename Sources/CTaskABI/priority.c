// Sources/CTaskABI/priority.c — priorities and default executors: the compiler asks for them, but all are equal here.

#include "task.h"

/// A task's priority, as it was created with.
SWIFT_CC size_t swift_task_currentPriority(struct task *task) {
    return task->job.flags >> job_priority_shift & 0xff;
}

/// The priority of a thread that runs no task.
SWIFT_CC size_t swift_task_getCurrentThreadPriority(void) { return job_priority_default; }

/// The workers are there before the first task is: nothing is made on demand.
SWIFT_CC void swift_createDefaultExecutorsOnce(void) {}

// Sources/CTaskABI/cancel.c — cancellation: a flag, and the handlers that it calls.
//
// Handlers are records in their task's own frames. The lock bit keeps them there while a canceller on another thread
// walks the list: it is held for that walk, and for each push and pop. A handler is called exactly once:
// the canceller sets the flag under the lock and calls all handlers in the list; one that is added later finds the flag
// set. A handler that cancels its own task again finds the flag set too, and does not touch the lock.

#include "task.h"
#include <CLinux.h>

static void lock_records(struct task *task) {
    while (atomic_fetch_or_explicit(&task->status, task_records_locked, memory_order_acquire) & task_records_locked) {
        linux_relax();
    }
}

static void unlock_records(struct task *task) {
    atomic_fetch_and_explicit(&task->status, ~(uint32_t)task_records_locked, memory_order_release);
}

SWIFT_CC _Bool swift_task_isCancelled(struct task *task) {
    return atomic_load_explicit(&task->status, memory_order_relaxed) & task_cancelled;
}

SWIFT_CC void swift_task_cancel(struct task *task) {
    if (swift_task_isCancelled(task)) return;
    lock_records(task);
    uint32_t before = atomic_fetch_or_explicit(&task->status, task_cancelled, memory_order_acq_rel);
    if (!(before & task_cancelled)) {
        for (struct status_record *record = task->records; record; record = record->next) {
            record->handler(record->argument);
        }
    }
    unlock_records(task);
}

SWIFT_CC struct status_record *swift_task_addCancellationHandler(cancellation_handler *handler, void *argument) {
    struct task *task = task_current();
    struct status_record *record = swift_task_alloc(sizeof *record);
    *record = (struct status_record){.handler = handler, .argument = argument};
    lock_records(task);
    record->next = task->records;
    task->records = record;
    _Bool is_cancelled = swift_task_isCancelled(task);
    unlock_records(task);
    if (is_cancelled) handler(argument);
    return record;
}

SWIFT_CC void swift_task_removeCancellationHandler(struct status_record *record) {
    struct task *task = task_current();
    lock_records(task);
    task->records = record->next;
    unlock_records(task);
    swift_task_dealloc(record);
}

// Sources/CTaskABI/cancel.c — cancellation: a flag, and the handlers that hear of it.
//
// Handlers are records in their task's own frames. A lock, held for a few instructions and never while anything else
// runs, protects the list; a handler runs without it, after its record was claimed:
//
//     waiting ──claim──▶ running ──▶ done          by the thread that cancels
//        │                  │
//        └── remove ◀───────┴── remove sleeps on the state (`awaited`) until the handler has returned
//
// So a handler may take any lock, cancel any task, and resume any continuation, also of its own task: a thread that
// waits for it sleeps, and holds nothing. A handler hears of the cancellation exactly once: the thread that sets the
// flag, under the lock, then claims all records that are in the list; a record that is added later finds the flag set;
// and a scope that ends before its record was claimed calls the handler itself.
//
// The lock order is task, then group, then child, then what a handler takes. Each of the first three is given back
// before the next one is taken, and before a handler runs: so a handler, which may lock a channel's queue or send to a
// worker's inbox, is called under no lock of this module. `Tests/models/cancel.pml` proves the handlers,
// `Tests/models/sleep.pml` a record that competes with a timer.

#include "task.h"
#include <CLinux.h>

enum record_state { record_waiting, record_running, record_done, record_awaited };

static void wait_while(_Atomic(uint32_t) *word, uint32_t value) {
    while (atomic_load_explicit(word, memory_order_acquire) == value) {
        linux_syscall4(__NR_futex, (long)word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, value, 0);
    }
}

/// Acquire: sees the list as the last holder has left it.
static void lock_records(struct task *task) {
    while (atomic_fetch_or_explicit(&task->status, task_records_locked, memory_order_acquire) & task_records_locked) {
        linux_relax();
    }
}

/// Release: publishes the list.
static void unlock_records(struct task *task) {
    atomic_fetch_and_explicit(&task->status, ~(uint32_t)task_records_locked, memory_order_release);
}

/// Claims the first record that waits; null if there is none.
static struct status_record *claim_record(struct task *task) {
    lock_records(task);
    struct status_record *record = task->records;
    while (record && atomic_load_explicit(&record->state, memory_order_relaxed) != record_waiting) {
        record = record->next;
    }
    // Relaxed: the state changes from `waiting` under the lock only.
    if (record) atomic_store_explicit(&record->state, record_running, memory_order_relaxed);
    unlock_records(task);
    return record;
}

static void run_record(struct status_record *record) {
    record->handler(record);
    // From the exchange on the record may be gone; the kernel takes its address as a name only. Release: the remover
    // sees what the handler did.
    if (atomic_exchange_explicit(&record->state, record_done, memory_order_acq_rel) == record_awaited) {
        linux_syscall3(__NR_futex, (long)&record->state, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1);
    }
}

SWIFT_CC _Bool swift_task_isCancelled(struct task *task) {
    return atomic_load_explicit(&task->status, memory_order_relaxed) & task_cancelled;
}

SWIFT_CC void swift_task_cancel(struct task *task) {
    if (swift_task_isCancelled(task)) return;
    lock_records(task);
    uint32_t before = atomic_fetch_or_explicit(&task->status, task_cancelled, memory_order_relaxed);
    unlock_records(task);
    if (before & task_cancelled) return;
    for (struct status_record *record; (record = claim_record(task));) run_record(record);
}

/// Adds `record` to the running task. If the task is cancelled already, the record is added as one that is done.
static _Bool add_record(struct status_record *record, task_cancellation_handler *handler) {
    struct task *task = task_current();
    record->handler = handler;
    lock_records(task);
    _Bool is_cancelled = swift_task_isCancelled(task);
    atomic_init(&record->state, is_cancelled ? record_done : record_waiting);
    record->next = task->records;
    task->records = record;
    unlock_records(task);
    return !is_cancelled;
}

static void remove_record(struct status_record *record) {
    struct task *task = task_current();
    lock_records(task);
    struct status_record **link = &task->records;
    while (*link != record) link = &(*link)->next;
    *link = record->next;
    // The thread that cancels has not come to it yet, and cannot claim it any more.
    _Bool is_missed = swift_task_isCancelled(task) &&
                      atomic_load_explicit(&record->state, memory_order_relaxed) == record_waiting;
    unlock_records(task);
    if (is_missed) return record->handler(record);
    // It may have been claimed before.
    uint32_t running = record_running;
    if (atomic_compare_exchange_strong_explicit(
            &record->state, &running, record_awaited, memory_order_acq_rel, memory_order_acquire)) {
        wait_while(&record->state, record_awaited);
    }
}

// MARK: `withTaskCancellationHandler`

static void call_closure(void *closure_record) {
    struct closure_record *record = closure_record;
    record->handler(record->argument);
}

SWIFT_CC struct status_record *swift_task_addCancellationHandler(cancellation_handler *handler, void *argument) {
    struct closure_record *record = swift_task_alloc(sizeof *record);
    record->handler = handler;
    record->argument = argument;
    if (!add_record(&record->base, call_closure)) handler(argument);
    return &record->base;
}

SWIFT_CC void swift_task_removeCancellationHandler(struct status_record *record) {
    remove_record(record);
    swift_task_dealloc(record);
}

// MARK: Runtime's waits

_Bool task_add_cancellation_record(
    struct task_cancellation_record *record, task_cancellation_handler *handler) {
    return add_record((struct status_record *)record, handler);
}

void task_remove_cancellation_record(struct task_cancellation_record *record) {
    remove_record((struct status_record *)record);
}

void *task_allocate_frame(unsigned long size) { return swift_task_alloc(size); }

void task_free_frame(void *frame) { swift_task_dealloc(frame); }

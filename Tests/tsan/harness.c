// Tests/tsan/harness.c — random tasks on four threads, under Thread Sanitizer.
//
//     harness SECONDS SEED
//
// A task takes steps. In each it either suspends in a continuation that another thread resumes, or does so in the scope
// of a cancellation handler while a third thread cancels it, or makes a task whose value it and others await, or yields,
// or takes and frees frames. Each round begins with a few tasks and ends when all of them have been freed. What a wrong
// order of memory would break is read and written without atomics: the sanitizer sees it.

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "pool.h"

// What the compiler emits calls to; task.h has no need to declare it.
SWIFT_CC struct task_and_context swift_task_create(
    size_t flags, struct task_option *options, const void *result_metadata,
    const struct async_function_pointer *function, struct heap_object *closure);
SWIFT_ASYNC void swift_task_future_wait(
    void *result, CONTEXT struct async_context *caller, struct task *task, task_continuation *resume,
    struct wait_context *frame);
SWIFT_CC struct task *swift_continuation_init(struct continuation_context *context, size_t flags);
SWIFT_ASYNC void swift_continuation_await(struct continuation_context *context);
SWIFT_CC void swift_continuation_resume(struct task *task);
SWIFT_CC struct job *swift_task_createNullaryContinuationJob(size_t priority, struct task *continuation);
SWIFT_CC void swift_task_enqueueGlobal(struct job *job);
SWIFT_CC void swift_task_cancel(struct task *task);
SWIFT_CC struct status_record *swift_task_addCancellationHandler(cancellation_handler *handler, void *argument);
SWIFT_CC void swift_task_removeCancellationHandler(struct status_record *record);
SWIFT_CC struct task *swift_task_getCurrent(void);

enum { roots = 64, depth = 3, steps = 8 };

/// Tasks that were made, and that were freed.
static _Atomic(uint64_t) made, freed;

// MARK: Tasks

/// What a task's code captures.
struct closure {
    struct heap_object object;
    struct task *awaited;  // what the task only waits for; null: it takes steps
    int depth;
};

static SWIFT_CC void destroy_closure(SELF void *object) { free(object); }
static const struct class_metadata closure_metadata = {0, destroy_closure};

/// The value of a task at a depth.
static uint64_t value_at(int depth) { return 0x1000 + (uint64_t)depth; }

static void *copy_value(void *target, void *source, const void *type) {
    (void)type;
    *(uint64_t *)target = *(uint64_t *)source;
    return target;
}

static void destroy_value(void *value, const void *type) {
    (void)type;
    // A write: it must come after each waiter's read.
    *(uint64_t *)value = 0;
    atomic_fetch_add_explicit(&freed, 1, memory_order_release);
}

/// What a continuation is resumed through: by an event, or by the cancellation handler, whichever comes first.
struct cell {
    _Atomic(uint32_t) state;       // enum cell_state
    _Atomic(uint32_t) references;
    struct task *task;             // set before `armed`
};

enum cell_state { cell_empty, cell_armed, cell_taken };

/// A task's frame, and all that its steps need.
struct frame {
    struct async_context base;
    uint64_t *result;
    struct task *awaited, *other;
    int depth, left;
    unsigned heard;                // how often the handler ran; not atomic
    struct cell *cell;
    struct status_record *record;
    uint64_t value;
    struct continuation_context continuation;
    struct wait_context wait;
};

static SWIFT_ASYNC void step(CONTEXT struct async_context *context);
static SWIFT_ASYNC void wait_for_value(CONTEXT struct async_context *context);

__attribute__((used, noinline)) static SWIFT_ASYNC void run_task(
    CONTEXT struct async_context *context, void *result, SELF struct heap_object *object) {
    struct frame *frame = (struct frame *)context;
    struct closure *closure = (struct closure *)object;
    frame->result = result;
    frame->awaited = closure->awaited;
    frame->depth = closure->depth;
    frame->left = frame->awaited ? 0 : (int)(random_number() % steps);
    return frame->awaited ? wait_for_value(context) : step(context);
}

// An async function pointer is relative to itself, which C has no initialiser for.
__asm__(".pushsection .rodata\n.balign 4\nrun_task_pointer: .long run_task - .\n.long 512\n.popsection");
extern const struct async_function_pointer run_task_pointer __attribute__((visibility("hidden")));
_Static_assert(sizeof(struct frame) <= 512, "the frame's size above");

/// Makes a task and queues it.
static struct task *make_task(int depth, struct task *awaited) {
    struct closure *closure = malloc(sizeof *closure);
    *closure = (struct closure){.object = {&closure_metadata, 1}, .depth = depth, .awaited = awaited};
    struct task_option_result_type type = {
        .base = {.flags = task_option_result_type_info},
        .type = {.size = 8, .alignment_mask = 7, .copy = copy_value, .destroy = destroy_value},
    };
    atomic_fetch_add_explicit(&made, 1, memory_order_relaxed);
    return swift_task_create(create_enqueue | job_is_future, &type.base, 0, &run_task_pointer, &closure->object).task;
}

static SWIFT_ASYNC void finish(CONTEXT struct async_context *context) {
    struct frame *frame = (struct frame *)context;
    *frame->result = value_at(frame->depth);
    typedef SWIFT_ASYNC void last_step(CONTEXT struct async_context *, SELF void *error);
    return ((last_step *)(void (*)(void))context->resume_parent)(context, 0);
}

// MARK: Events of other threads

static void take_cell(struct cell *cell) {
    preempt();
    if (atomic_exchange_explicit(&cell->state, cell_taken, memory_order_acq_rel) == cell_armed) {
        // As `UnsafeContinuation.resume(returning:)` does, inlined.
        struct task *task = cell->task;
        *(uint64_t *)((struct continuation_context *)task->resume_context)->result = 42;
        preempt();
        swift_continuation_resume(task);
    }
}

static void release_cell(struct cell *cell) {
    if (atomic_fetch_sub_explicit(&cell->references, 1, memory_order_acq_rel) == 1) free(cell);
}

struct task_event {
    struct event event;
    struct task *task;
    struct cell *cell;
};

static void resume_event(struct event *event) {
    struct cell *cell = ((struct task_event *)event)->cell;
    free(event);
    take_cell(cell);
    release_cell(cell);
}

static void cancel_event(struct event *event) {
    struct task *task = ((struct task_event *)event)->task;
    free(event);
    swift_task_cancel(task);
    swift_release(task);
}

static void send(void (*happen)(struct event *), struct task *task, struct cell *cell) {
    struct task_event *event = malloc(sizeof *event);
    *event = (struct task_event){.event.happen = happen, .task = task, .cell = cell};
    pool_send(&event->event);
}

// MARK: Steps

/// The task was cancelled.
static SWIFT_CC void hear(SELF void *argument) {
    struct frame *frame = argument;
    frame->heard++;
    preempt();
    take_cell(frame->cell);
}

static SWIFT_ASYNC void after_continuation(CONTEXT struct async_context *context) {
    struct frame *frame = (struct frame *)context->parent;
    check(frame->value == 42, "a continuation brings its value");
    if (frame->record) {
        swift_task_removeCancellationHandler(frame->record);
        check(frame->heard <= 1, "a handler hears of the cancellation once");
    }
    release_cell(frame->cell);
    return step(&frame->base);
}

/// Suspends until another thread resumes, in the scope of a handler if `is_cancellable`.
static SWIFT_ASYNC void suspend(CONTEXT struct async_context *context, _Bool is_cancellable) {
    struct frame *frame = (struct frame *)context;
    struct cell *cell = malloc(sizeof *cell);
    *cell = (struct cell){.state = cell_empty, .references = 2};
    frame->cell = cell;
    frame->value = 0;
    frame->heard = 0;
    frame->record = 0;
    if (is_cancellable) {
        if (random_number() % 2) send(cancel_event, swift_retain(swift_task_getCurrent()), 0);
        frame->record = swift_task_addCancellationHandler(hear, frame);
        if (random_number() % 2) send(cancel_event, swift_retain(swift_task_getCurrent()), 0);
    }
    frame->continuation.base = (struct async_context){context, after_continuation};
    cell->task = swift_continuation_init(&frame->continuation, 0);
    frame->continuation.result = &frame->value;
    uint32_t empty = cell_empty;
    if (atomic_compare_exchange_strong_explicit(
            &cell->state, &empty, cell_armed, memory_order_acq_rel, memory_order_acquire)) {
        send(resume_event, 0, cell);
    } else {
        release_cell(cell);
        frame->value = 42;
        swift_continuation_resume(cell->task);
    }
    preempt();
    return swift_continuation_await(&frame->continuation);
}

static SWIFT_ASYNC void after_yield(CONTEXT struct async_context *context) { return step(context->parent); }

/// As `Task.yield()`.
static SWIFT_ASYNC void yield(CONTEXT struct async_context *context) {
    struct frame *frame = (struct frame *)context;
    frame->continuation.base = (struct async_context){context, after_yield};
    struct task *task = swift_continuation_init(&frame->continuation, 0);
    frame->continuation.result = &frame->value;
    swift_task_enqueueGlobal(swift_task_createNullaryContinuationJob(job_priority_default, task));
    return swift_continuation_await(&frame->continuation);
}

static SWIFT_ASYNC void after_value(CONTEXT struct async_context *context) {
    struct frame *frame = (struct frame *)context;
    check(frame->value == value_at(frame->depth + 1), "a task brings its value");
    swift_release(frame->other);
    return step(context);
}

static SWIFT_ASYNC void wait_for_value(CONTEXT struct async_context *context) {
    struct frame *frame = (struct frame *)context;
    frame->other = frame->awaited;
    frame->value = 0;
    preempt();
    return swift_task_future_wait(&frame->value, context, frame->other, after_value, &frame->wait);
}

/// Makes a task, up to two more that wait for it, and waits for it too; or lets it go, or cancels it.
static SWIFT_ASYNC void make_and_wait(CONTEXT struct async_context *context) {
    struct frame *frame = (struct frame *)context;
    struct task *task = make_task(frame->depth + 1, 0);
    for (uint64_t count = random_number() % 3; count > 0; count--) {
        // Its frame's depth is the one of a task that awaits this one's value.
        swift_release(make_task(frame->depth, swift_retain(task)));
    }
    if (random_number() % 4 == 0) send(cancel_event, swift_retain(task), 0);
    if (random_number() % 4 == 0) {
        swift_release(task);
        return step(context);
    }
    frame->awaited = task;
    return wait_for_value(context);
}

/// Takes frames of several sizes and frees them in the reverse order.
static void use_frames(void) {
    enum { most = 12 };
    char *frames[most];
    size_t count = random_number() % most;
    for (size_t i = 0; i < count; i++) {
        size_t size = random_number() % 700 + 1;
        frames[i] = swift_task_alloc(size);
        frames[i][0] = (char)i;
        frames[i][size - 1] = (char)i;
    }
    for (size_t i = count; i-- > 0;) {
        check(frames[i][0] == (char)i, "a frame is kept");
        swift_task_dealloc(frames[i]);
    }
}

static SWIFT_ASYNC void step(CONTEXT struct async_context *context) {
    struct frame *frame = (struct frame *)context;
    if (frame->left-- <= 0) return finish(context);
    use_frames();
    switch (random_number() % 4) {
    case 0: return suspend(context, 0);
    case 1: return suspend(context, 1);
    case 2: return yield(context);
    default: return frame->depth < depth ? make_and_wait(context) : yield(context);
    }
}

// MARK: Rounds

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

int main(int count, char **words) {
    check(count == 3, "usage: harness SECONDS SEED");
    double end = now() + atof(words[1]);
    pool_start(strtoull(words[2], 0, 0));
    unsigned rounds = 0;
    do {
        for (int i = 0; i < roots; i++) swift_release(make_task(0, 0));
        double limit = now() + 60;
        // Acquire: no task is made any more once all have been freed.
        while (atomic_load_explicit(&freed, memory_order_acquire) < atomic_load_explicit(&made, memory_order_relaxed)) {
            check(now() < limit, "every task ends and is freed");
            nanosleep(&(struct timespec){.tv_nsec = 200000}, 0);
        }
        rounds++;
    } while (now() < end);
    printf("rounds=%u tasks=%llu\nok\n", rounds, (unsigned long long)made);
    return 0;
}

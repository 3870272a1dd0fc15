// Sources/CTaskABI/frame.c — frames of async functions: a stack in slabs, per task.
//
// The compiler frees frames in the reverse order of their allocation, so a bump pointer is enough: no header, and no
// search. A frame that does not fit opens a new slab, which remembers where the one below stopped.

#include "task.h"

/// A slab's block, of the allocator's 1 KiB class.
enum { slab_block = 1024 };

static inline char *slab_data(struct slab *slab) { return (char *)(slab + 1); }

static __attribute__((noinline)) void *allocate_in_new_slab(struct task *task, size_t size) {
    struct slab *slab = task->spare;
    if (slab && (size_t)(slab->end - slab_data(slab)) >= size) {
        task->spare = 0;
    } else {
        size_t block = sizeof(struct slab) + size > slab_block ? sizeof(struct slab) + size : slab_block;
        slab = task_block(block);
        slab->end = (char *)slab + block;
    }
    slab->previous = task->slab;
    slab->saved_top = task->top;
    task->slab = slab;
    task->top = slab_data(slab) + size;
    return slab_data(slab);
}

static __attribute__((noinline)) void leave_slab(struct task *task) {
    struct slab *slab = task->slab;
    task->slab = slab->previous;
    task->top = slab->saved_top;
    struct slab *spare = task->spare;
    task->spare = slab;
    free(spare);
}

SWIFT_CC void *swift_task_alloc(size_t requested) {
    struct task *task = task_current();
    size_t size = requested ? round_up(requested, 16) : 16;
    char *frame = task->top;
    if ((size_t)(task->slab->end - frame) < size) return allocate_in_new_slab(task, size);
    task->top = frame + size;
    return frame;
}

SWIFT_CC void swift_task_dealloc(void *frame) {
    struct task *task = task_current();
    if (frame == slab_data(task->slab) && task->slab->previous) return leave_slab(task);
    task->top = frame;
}

/// Frees `frame` and everything allocated after it.
SWIFT_CC void swift_task_dealloc_through(void *frame) {
    struct task *task = task_current();
    while ((char *)frame < slab_data(task->slab) || (char *)frame >= task->slab->end) {
        if (!task->slab->previous) break;
        leave_slab(task);
    }
    swift_task_dealloc(frame);
}

void task_free_frames(struct task *task) {
    while (task->slab->previous) leave_slab(task);
    free(task->spare);
}

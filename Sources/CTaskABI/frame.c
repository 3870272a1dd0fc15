// Sources/CTaskABI/frame.c — frames of async functions: a stack in slabs, per task.
//
// The compiler frees frames in the reverse order of their allocation, so a bump pointer is enough: no header, and no
// search. A frame that does not fit opens a new slab, which remembers where the one below stopped.
//
// A task's first slab is what its function's frame leaves of the task's own block, so that a task that calls little is
// small. Each further slab is twice as large as the one below, up to a limit: deep calls take few blocks. One empty
// slab is kept, the larger one, so that a task that goes up and down at a slab's edge does not allocate each time.

#include "task.h"

/// Sizes of slabs' blocks; each is a class of the heap. A larger one is made for one large frame only, and not kept.
enum { smallest_slab = 512, largest_slab = 2048 };

static inline char *slab_data(struct slab *slab) { return (char *)(slab + 1); }

/// The size of the next slab's block: twice the one below.
static size_t next_block(const struct slab *below) {
    size_t block = below ? 2 * (size_t)(below->end - (const char *)below) : smallest_slab;
    return block < largest_slab ? block : largest_slab;
}

static __attribute__((noinline)) void *allocate_in_new_slab(struct task *task, size_t size) {
    struct slab *slab = task->spare;
    if (slab && (size_t)(slab->end - slab_data(slab)) >= size) {
        task->spare = 0;
    } else {
        size_t block = next_block(task->slab);
        if (block < sizeof(struct slab) + size) block = sizeof(struct slab) + size;
        slab = task_block(block);
        slab->end = (char *)slab + block;
    }
    slab->previous = task->slab;
    slab->saved_top = task->top;
    slab->saved_end = task->end;
    task->slab = slab;
    task->top = slab_data(slab) + size;
    task->end = slab->end;
    return slab_data(slab);
}

static __attribute__((noinline)) void leave_slab(struct task *task) {
    struct slab *slab = task->slab, *spare = task->spare;
    task->slab = slab->previous;
    task->top = slab->saved_top;
    task->end = slab->saved_end;
    ptrdiff_t block = slab->end - (char *)slab;
    if (block > largest_slab || (spare && spare->end - (char *)spare >= block)) return free(slab);
    task->spare = slab;
    free(spare);
}

SWIFT_CC void *swift_task_alloc(size_t requested) {
    struct task *task = task_current();
    size_t size = requested ? round_up(requested, 16) : 16;
    char *frame = task->top;
    if ((size_t)(task->end - frame) < size) return allocate_in_new_slab(task, size);
    task->top = frame + size;
    return frame;
}

SWIFT_CC void swift_task_dealloc(void *frame) {
    struct task *task = task_current();
    if (task->slab && frame == slab_data(task->slab)) return leave_slab(task);
    task->top = frame;
}

/// Frees `frame` and everything allocated after it.
SWIFT_CC void swift_task_dealloc_through(void *frame) {
    struct task *task = task_current();
    while (task->slab && ((char *)frame < slab_data(task->slab) || (char *)frame >= task->slab->end)) leave_slab(task);
    swift_task_dealloc(frame);
}

void task_free_frames(struct task *task) {
    while (task->slab) leave_slab(task);
    free(task->spare);
}

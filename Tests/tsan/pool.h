// Tests/tsan/pool.h — the threads that stand for the runtime's workers.

#ifndef TSAN_POOL_H
#define TSAN_POOL_H

#include <stdint.h>

#include "task.h"

/// How many threads run tasks.
enum { pool_threads = 4 };

/// What a thread does beside its jobs; it frees the event.
struct event {
    struct event *next;
    void (*happen)(struct event *event);
};

/// Starts the threads, which run until the process ends. `seed` decides when they lose their processors.
void pool_start(uint64_t seed);

/// Makes some thread of the pool do this, soon.
void pool_send(struct event *event);

/// A random number of this thread.
uint64_t random_number(void);

/// Gives the processor away now and then.
void preempt(void);

/// Ends the process with a line that says what does not hold.
void check(_Bool condition, const char *claim);

/// What `swift_release` calls for the last reference of an object; the compiler emits such a record for each class.
struct class_metadata {
    const void *superclass;
    SWIFT_CC void (*destroy)(SELF void *object);
};

#endif

// Tests/tsan/pool.c — what CTaskABI needs of Runtime and of Embedded Swift's library, on pthreads.
//
// Each thread has an inbox like `Primitives.Inbox`: pushed to with release, emptied by an exchange with acquire. There is
// no lock, since a lock would order what the algorithms under test have to order themselves.

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "pool.h"

static __thread uint64_t random_state;

/// A worker: its jobs and its events, each a stack.
static struct {
    _Alignas(64) _Atomic(struct task_job_link *) jobs;
    _Atomic(struct event *) events;
} inboxes[pool_threads];

void check(_Bool condition, const char *claim) {
    if (condition) return;
    fprintf(stderr, "failed: %s\n", claim);
    _exit(1);
}

/// Xorshift (G. Marsaglia, J. Statistical Software 8, 2003).
uint64_t random_number(void) {
    if (!random_state) random_state = 0x9e3779b97f4a7c15;
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state >> 16;
}

void preempt(void) {
    uint64_t number = random_number() % 1024;
    if (number == 0) nanosleep(&(struct timespec){.tv_nsec = (long)(random_number() % 50000)}, 0);
    else if (number < 8) sched_yield();
}

// MARK: Runtime

static _Atomic(uint32_t) next_home;

unsigned int async_nostd_home_for_new_task(void) {
    return atomic_fetch_add_explicit(&next_home, 1, memory_order_relaxed) % pool_threads;
}

void async_nostd_task_ended(unsigned long long handle) { check(handle == 0, "no task has a handle"); }

void async_nostd_enqueue(void *job) {
    preempt();
    // A task without a home runs anywhere.
    unsigned int home = task_home(job);
    if (home >= pool_threads) home = (unsigned int)(random_number() % pool_threads);
    struct task_job_link *link = (struct task_job_link *)((char *)job + task_job_link_offset);
    link->next = atomic_load_explicit(&inboxes[home].jobs, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(
        &inboxes[home].jobs, &link->next, link, memory_order_release, memory_order_relaxed)) {}
    preempt();
}

void pool_send(struct event *event) {
    unsigned int target = (unsigned int)(random_number() % pool_threads);
    event->next = atomic_load_explicit(&inboxes[target].events, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(
        &inboxes[target].events, &event->next, event, memory_order_release, memory_order_relaxed)) {}
    preempt();
}

static void *work(void *argument) {
    unsigned int index = (unsigned int)(uintptr_t)argument & 0xff;
    random_state = (uintptr_t)argument * 0x9e3779b97f4a7c15;
    while (1) {
        struct task_job_link *job = atomic_exchange_explicit(&inboxes[index].jobs, 0, memory_order_acquire);
        struct event *event = atomic_exchange_explicit(&inboxes[index].events, 0, memory_order_acquire);
        if (!job && !event) sched_yield();
        while (job || event) {
            if (job && (!event || random_number() % 2)) {
                struct task_job_link *next = job->next;
                task_run((char *)job - task_job_link_offset);
                job = next;
            } else {
                struct event *next = event->next;
                event->happen(event);
                event = next;
            }
            preempt();
        }
    }
    return 0;
}

void pool_start(uint64_t seed) {
    for (unsigned int index = 0; index < pool_threads; index++) {
        pthread_t thread;
        check(pthread_create(&thread, 0, work, (void *)(uintptr_t)((seed + 1) << 8 | index)) == 0, "a thread starts");
        pthread_detach(thread);
    }
}

// MARK: Embedded Swift's library

void *swift_retain(void *object) {
    atomic_fetch_add_explicit(&((struct heap_object *)object)->references, 1, memory_order_relaxed);
    return object;
}

void swift_release(void *pointer) {
    struct heap_object *object = pointer;
    preempt();
    if (atomic_fetch_sub_explicit(&object->references, 1, memory_order_acq_rel) != 1) return;
    ((const struct class_metadata *)object->metadata)->destroy(object);
}

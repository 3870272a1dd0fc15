// Tests/tsan/preempt.h — included before each file of CTaskABI: a thread may lose its processor before each atomic
// operation, and PLANTED=n takes the order away from one kind of them.
//
// The variants, which Thread Sanitizer must find (`variants` of run reads these lines):
// PLANTED=1: a compare-and-swap orders nothing, so a continuation's value is read without having been published
// PLANTED=2: an exchange orders nothing, so a waiter of a future is read without having been published
// PLANTED=3: the lock of a task's records orders nothing

#ifndef TSAN_PREEMPT_H
#define TSAN_PREEMPT_H

#include <stdatomic.h>

#ifndef PLANTED
#define PLANTED 0
#endif

/// Gives the processor away now and then.
void preempt(void);

#define PREEMPTED(operation) (preempt(), operation)

#undef atomic_load_explicit
#undef atomic_store_explicit
#undef atomic_exchange_explicit
#undef atomic_compare_exchange_strong_explicit
#undef atomic_compare_exchange_weak_explicit
#undef atomic_fetch_or_explicit
#undef atomic_fetch_and_explicit

#define atomic_load_explicit(word, order) PREEMPTED(__c11_atomic_load(word, order))
#define atomic_store_explicit(word, value, order) PREEMPTED(__c11_atomic_store(word, value, order))

#if PLANTED == 1
#define atomic_compare_exchange_strong_explicit(word, expected, value, success, failure) \
    PREEMPTED(__c11_atomic_compare_exchange_strong(word, expected, value, memory_order_relaxed, memory_order_relaxed))
#else
#define atomic_compare_exchange_strong_explicit(word, expected, value, success, failure) \
    PREEMPTED(__c11_atomic_compare_exchange_strong(word, expected, value, success, failure))
#endif

#define atomic_compare_exchange_weak_explicit(word, expected, value, success, failure) \
    PREEMPTED(__c11_atomic_compare_exchange_weak(word, expected, value, success, failure))

#if PLANTED == 2
#define atomic_exchange_explicit(word, value, order) PREEMPTED(__c11_atomic_exchange(word, value, memory_order_relaxed))
#else
#define atomic_exchange_explicit(word, value, order) PREEMPTED(__c11_atomic_exchange(word, value, order))
#endif

#if PLANTED == 3
#define atomic_fetch_or_explicit(word, value, order) PREEMPTED(__c11_atomic_fetch_or(word, value, memory_order_relaxed))
#define atomic_fetch_and_explicit(word, value, order) PREEMPTED(__c11_atomic_fetch_and(word, value, memory_order_relaxed))
#else
#define atomic_fetch_or_explicit(word, value, order) PREEMPTED(__c11_atomic_fetch_or(word, value, order))
#define atomic_fetch_and_explicit(word, value, order) PREEMPTED(__c11_atomic_fetch_and(word, value, order))
#endif

#endif

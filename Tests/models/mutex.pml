// Tests/models/mutex.pml — the lock of Runtime/MutexWord.swift: one word, and futex(2).
//
//     free ──lock──▶ locked ──a second thread──▶ contended ──unlock──▶ free, and one that sleeps is woken
//
// Three threads lock and unlock, twice each. The kernel compares the word and puts the thread to sleep in one step; a
// thread may also be woken for no reason. Shown: one thread at a time is inside; no thread sleeps for ever.
//
// BROKEN=1   a thread that was woken locks as `locked`, though others may sleep
// BROKEN=2   unlock wakes no thread
// BROKEN=3   the kernel does not compare the word before the thread sleeps
// BROKEN=4   unlock looks at the word first, and stores `free` then
// BROKEN=5   lock looks at the word first, and stores `locked` then

#ifndef BROKEN
#define BROKEN 0
#endif

#define THREADS 3
#define TURNS 2

#define FREE 0
#define LOCKED 1
#define CONTENDED 2

byte word = FREE
bool asleep[THREADS]
byte inside = 0
byte ended = 0

inline wakeOne() {
    atomic {
        if
        :: asleep[0] -> asleep[0] = false
        :: asleep[1] -> asleep[1] = false
        :: asleep[2] -> asleep[2] = false
        :: !asleep[0] && !asleep[1] && !asleep[2] -> skip
        fi
    }
}

inline tryLock() {
#if BROKEN == 5
    old = word
    if
    :: old == FREE -> word = LOCKED
    :: else -> skip
    fi
#else
    atomic {
        old = word
        if
        :: old == FREE -> word = LOCKED
        :: else -> skip
        fi
    }
#endif
}

inline lock() {
    tryLock()
    if
    :: old == FREE -> skip
    :: else ->
        do
        :: true ->
#if BROKEN == 1
            atomic {
                old = word
                if
                :: woken && old == FREE -> word = LOCKED
                :: else -> word = CONTENDED
                fi
            }
#else
            atomic { old = word; word = CONTENDED }
#endif
            if
            :: old == FREE -> break
            :: else -> skip
            fi
            // FUTEX_WAIT
            atomic {
                if
#if BROKEN == 3
                :: true -> asleep[me] = true
#else
                :: word == CONTENDED -> asleep[me] = true
                :: else -> skip
#endif
                fi
            }
            // Woken by an unlock.
            !asleep[me]
            woken = true
        od
    fi
}

inline unlock() {
#if BROKEN == 4
    old = word
    word = FREE
#else
    atomic { old = word; word = FREE }
#endif
    if
#if BROKEN != 2
    :: old == CONTENDED -> wakeOne()
#endif
    :: else -> skip
    fi
}

proctype Thread(byte me) {
    byte turn = 0
    byte old
    bool woken
    do
    :: turn < TURNS ->
        woken = false
        lock()
        inside++
        assert(inside == 1)
        inside--
        unlock()
        turn++
    :: else -> break
    od
    ended++
}

// A wake-up without a reason, at most once.
proctype Signal() {
    if
    :: atomic { asleep[0] -> asleep[0] = false }
    :: ended > 0 -> skip
    fi
}

init {
    atomic {
        run Thread(0)
        run Thread(1)
        run Thread(2)
        run Signal()
    }
}

ltl ends { <> (ended == THREADS) }

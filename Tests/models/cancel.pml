// Tests/models/cancel.pml — cancellation handlers of a task in CTaskABI/cancel.c.
//
//     waiting ──claim──▶ running ──▶ done
//        │                  │
//        └── remove ◀───────┴── remove waits until the handler has returned (`awaited`)
//
// A task adds a handler and removes it, twice, in the same frame, inside an outer scope that has a handler too; two
// threads cancel the task meanwhile. The handlers take a lock that the task holds while it adds the inner one: nothing
// may spin or wait under the list's lock for it. The scope's work may be a wait that ends by time, or one that the
// handler resumes, while it still runs. Shown: nothing blocks for ever; a handler runs only while its record is there;
// if the task is cancelled before a scope ends, the scope's handler is called exactly once, before the scope has ended.
//
// BROKEN=1   remove does not wait for a handler that runs
// BROKEN=2   add does not look at the flag
// BROKEN=3   a handler runs under the list's lock
// BROKEN=4   a record is marked done before its handler has run
// BROKEN=5   cancel claims a record without the lock
// BROKEN=6   remove does not call the handler of a record that was not claimed

#ifndef BROKEN
#define BROKEN 0
#endif

mtype = { none, waiting, running, done, awaited }

mtype state = none              // of the record; the task uses the same frame for each scope
bool listed = false             // the record is in the list
bool cancelled = false
bool listLock = false
bool userLock = false           // what the handler takes, and the task sometimes holds
byte calls = 0                  // of this scope's handler
bool scopeOpen = false          // the record's frame is the record's
byte cancellers = 2
bool outerWaits = true          // the outer scope's record is in the list, and has not been claimed
byte outerCalls = 0

inline lock() { atomic { !listLock -> listLock = true } }
inline unlock() { listLock = false }

inline handler() {
    assert(scopeOpen)
    atomic { !userLock -> userLock = true }
    calls++
    userLock = false
    assert(scopeOpen)
}

inline outerHandler() {
    atomic { !userLock -> userLock = true }
    outerCalls++
    userLock = false
}

inline runClaimed() {
#if BROKEN == 4
    atomic { old = state; state = done }
    handler()
#else
    handler()
    atomic { old = state; state = done }
#endif
    // A remover that waits looks at the state again: the futex wakes it.
}

proctype Canceller() {
    mtype old = none
    bool before
    bool claimed
    bool claimedOuter
    lock()
    before = cancelled
    cancelled = true
    unlock()
    if
    :: before -> skip
    :: else ->
        do
        :: true ->
            claimed = false
            claimedOuter = false
#if BROKEN != 5
            lock()
#endif
            if
            :: listed && state == waiting ->
#if BROKEN == 5
                skip
#endif
                state = running
                claimed = true
            :: else ->
                if
                :: outerWaits -> outerWaits = false; claimedOuter = true
                :: else -> skip
                fi
            fi
#if BROKEN == 3
            if
            :: claimed -> runClaimed()
            :: claimedOuter -> outerHandler()
            :: else -> skip
            fi
            unlock()
#else
#if BROKEN != 5
            unlock()
#endif
            if
            :: claimed -> runClaimed()
            :: claimedOuter -> outerHandler()
            :: else -> skip
            fi
#endif
            if
            :: !claimed && !claimedOuter -> break
            :: else -> skip
            fi
        od
    fi
    cancellers--
}

proctype Task() {
    byte scope = 0
    bool isCancelled
    bool wasRunning
    bool isMissed
    do
    :: scope < 2 ->
        // Enters the scope: the frame becomes the record.
        calls = 0
        scopeOpen = true
        atomic { !userLock -> userLock = true }
        lock()
#if BROKEN == 2
        isCancelled = false
#else
        isCancelled = cancelled
#endif
        if
        :: isCancelled -> state = done
        :: else -> state = waiting
        fi
        listed = true
        unlock()
        userLock = false
        if
        :: isCancelled -> handler()
        :: else -> skip
        fi
        // The scope's work: it may wait for all cancellers.
        if
        :: skip                     // the time has come
        :: calls == 1 -> skip       // the handler has resumed the task, and may still run
        :: cancellers == 0 -> assert(calls == 1 && outerCalls == 1)
        fi
        // Leaves the scope.
        lock()
        listed = false
        isCancelled = cancelled
        isMissed = (isCancelled && state == waiting)
        unlock()
        if
#if BROKEN != 6
        :: isMissed -> handler()
#endif
        :: else ->
            atomic {
                wasRunning = (state == running)
                if
                :: wasRunning -> state = awaited
                :: else -> skip
                fi
            }
#if BROKEN != 1
            if
            :: wasRunning -> state == done
            :: else -> skip
            fi
#endif
        fi
        assert(calls == (isCancelled -> 1 : 0))
        scopeOpen = false
        state = none
        scope++
    :: else -> break
    od
}

init {
    atomic {
        run Canceller()
        run Canceller()
        run Task()
    }
}

ltl ends { <> (cancellers == 0) }

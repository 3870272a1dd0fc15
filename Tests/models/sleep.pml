// Tests/models/sleep.pml — a task that sleeps, in Runtime/Sleeper.swift, with its record in CTaskABI/cancel.c.
//
//     scheduled ──wheel, on the worker──▶ expired            the worker resumes the task
//         └────cancellation, any thread─▶ cancel requested   a message; the worker takes the timer out, and resumes
//
// A task sleeps twice, with the record at the same place of its frames; the first sleep, the second, both or none would
// end by time. Another thread cancels the task at any moment. The worker looks at wheel and inbox only while the task
// does not run on it: before it has suspended. After it was resumed, it may run on another worker. Shown: each sleep ends, and
// is resumed once; no thread touches the record when its frame is given up; then it is in no wheel and in no inbox.
//
// BROKEN=1   the wheel looks at the state first, and stores `expired` then
// BROKEN=2   the cancelling thread resumes the task itself
// BROKEN=3   the task does not wait for a handler that runs
// BROKEN=4   the worker leaves the timer in the wheel when the message comes
// BROKEN=5   the handler sends its message without looking at the state
// BROKEN=6   a task that is cancelled already sleeps, and hears of nothing

#ifndef BROKEN
#define BROKEN 0
#endif

mtype = { scheduled, expired, cancelRequested }
mtype = { none, waiting, running, done, awaited }

mtype state = scheduled         // of the sleeper
mtype record = none             // of the cancellation record
bool listed = false
bool listLock = false
bool cancelled = false
bool frame = false              // the record's frame is the record's
bool timer = false              // the timer is in the wheel
bool endless = false            // its time does not come
bool message = false            // the message is in the inbox
bool onWorker = true            // the task runs on its worker's thread
bool suspended = false
byte resumed = 0                // in this sleep
bool taskEnded = false
bool cancellerEnded = false

inline lock() { atomic { !listLock -> listLock = true } }
inline unlock() { listLock = false }

inline resume() {
    atomic {
        assert(suspended && resumed == 0)
        resumed++
    }
}

// CAS from `scheduled`; `won` says whether it was there.
inline take(target) {
    assert(frame)
    atomic {
        won = (state == scheduled)
        if
        :: won -> state = target
        :: else -> skip
        fi
    }
}

inline handler() {
#if BROKEN == 5
    won = true
#else
    take(cancelRequested)
#endif
    if
    :: won ->
        assert(frame)
#if BROKEN == 2
        suspended -> resume()
#else
        message = true
#endif
    :: else -> skip
    fi
}

proctype Canceller() {
    bool won
    bool claimed
    mtype old = none
    lock()
    cancelled = true
    unlock()
    lock()
    claimed = (listed && record == waiting)
    if
    :: claimed -> record = running
    :: else -> skip
    fi
    unlock()
    if
    :: claimed ->
        handler()
        assert(frame)
        atomic { old = record; record = done }
    :: else -> skip
    fi
    cancellerEnded = true
}

proctype Worker() {
    bool won
    do
    :: !onWorker && timer && !endless ->
        assert(frame)
        timer = false
#if BROKEN == 1
        won = (state == scheduled)
        if
        :: won -> state = expired
        :: else -> skip
        fi
#else
        take(expired)
#endif
        if
        :: won -> resume()
        :: else -> skip
        fi
    :: !onWorker && message ->
        assert(frame)
        message = false
#if BROKEN != 4
        timer = false
#endif
        resume()
    :: taskEnded && !message && !timer -> break
    od
}

proctype Task() {
    byte turn = 0
    bool isCancelled
    bool wasRunning
    bool isMissed
    bool won
    do
    :: turn < 2 ->
        onWorker = true
        frame = true
        state = scheduled
        resumed = 0
        lock()
        isCancelled = cancelled
        if
        :: isCancelled -> record = done
        :: else -> record = waiting
        fi
        listed = true
        unlock()
        if
#if BROKEN == 6
        :: true ->
#else
        :: !isCancelled ->
#endif
            if
            :: endless = true
            :: endless = false
            fi
            timer = true
            atomic { suspended = true; onWorker = false }
            atomic { resumed == 1 -> suspended = false }
        :: isCancelled -> onWorker = false
        fi
        lock()
        listed = false
        isMissed = (cancelled && record == waiting)
        unlock()
        if
        :: isMissed ->
            take(cancelRequested)
            assert(!won)
        :: else ->
            atomic {
                wasRunning = (record == running)
                if
                :: wasRunning -> record = awaited
                :: else -> skip
                fi
            }
#if BROKEN != 3
            if
            :: wasRunning -> record == done
            :: else -> skip
            fi
#endif
        fi
        assert(!timer && !message)
        frame = false
        record = none
        turn++
    :: else -> break
    od
    taskEnded = true
}

init {
    atomic {
        run Canceller()
        run Worker()
        run Task()
    }
}

ltl ends { <> (taskEnded && cancellerEnded) }

// Tests/models/steal.pml — Primitives/StealQueue.swift and Runtime/FreeTasks.swift: queues that others steal from, and
// the worker that is woken for it.
//
// Worker 0 queues tasks, takes one itself or none, and is then blocked for ever. The others sleep, are woken, steal and
// run; one of them may be blocked for ever by an event that it serves after it has slept. Shown: each task runs once,
// and all of them do: none waits in a queue while a worker sleeps for ever.
//
// BROKEN=1   a thief moves the head from where it is, not from where it has read
// BROKEN=2   a worker that has announced its sleep does not look at the queues again
// BROKEN=3   a searcher that found a task wakes no other
// BROKEN=4   a worker looks for sleepers first, and then queues its task
// BROKEN=5   a searcher first serves the events that have come, which may block it
// BROKEN=6   a searcher that finds nothing stays the searcher when it sleeps again
// BROKEN=7   a searcher that finds nothing does not look again after it has ended its search

#ifndef BROKEN
#define BROKEN 0
#endif

#define WORKERS 3
#define TASKS 2
#define SLOTS TASKS

byte slots[WORKERS * SLOTS]
byte head[WORKERS]
byte tail[WORKERS]
byte searcher = 0               // 1 + the worker that is being woken
bool asleep[WORKERS]            // the inbox's sentinel
bit eventfd[WORKERS]
bool hasEvent[WORKERS]
bit runs[TASKS + 1]
byte ran = 0

#define filled(w) (head[w] != tail[w])

inline endSearch(w) {
    atomic {
        if
        :: searcher == w + 1 -> searcher = 0
        :: else
        fi
    }
}

// Makes a sleeper the searcher, and wakes it.
inline wakeThief() {
    other = 0
    do
    :: other < WORKERS && searcher == 0 && (other == me || !asleep[other]) -> other++
    :: other < WORKERS && searcher == 0 && other != me && asleep[other] ->
        atomic {
            if
            :: searcher == 0 -> searcher = other + 1; hasWon = true
            :: else -> hasWon = false
            fi
        }
        if
        :: hasWon ->
            atomic {
                if
                :: asleep[other] -> asleep[other] = false; eventfd[other] = 1
                :: else -> hasWon = false
                fi
            }
            if
            :: hasWon -> break
            :: else -> endSearch(other); other = 0
            fi
        :: else -> break
        fi
    :: else -> break
    od
    atomic { other = 0; hasWon = false }
}

inline isSomethingQueued() {
    isFound = filled(0)
    if
    :: !isFound -> isFound = filled(1)
    :: else
    fi
    if
    :: !isFound -> isFound = filled(2)
    :: else
    fi
}

// StealQueue.pop: the oldest task of one's own queue, or 0.
inline pop() {
    task = 0
    do
    :: atomic {
        from = head[me]
        task = (from == tail[me] -> 0 : slots[me * SLOTS + from % SLOTS])
       }
       atomic {
        if
        :: task == 0 || head[me] == from -> head[me] = (task == 0 -> from : from + 1); from = 0; break
        :: else
        fi
       }
    od
}

// FreeTasks.steal: the oldest tasks of another queue, the first of them as `task`, or 0.
inline steal() {
    task = 0
    victim = 0
    do
    :: victim < WORKERS && task == 0 ->
        if
        :: victim != me ->
            from = head[victim]
            count = tail[victim] - from
            // The half, in the program: here one or two.
            if
            :: count > 2 -> count = 2
            :: count > 1 -> count = 1
            :: count <= 2
            fi
            if
            :: atomic {
                    count > 0 && count <= SLOTS ->
                    task = slots[victim * SLOTS + from % SLOTS]
                    if
                    :: count == 2 -> slots[me * SLOTS + tail[me] % SLOTS] = slots[victim * SLOTS + (from + 1) % SLOTS]
                    :: else
                    fi
                }
                atomic {
                    if
#if BROKEN == 1
                    :: true -> head[victim] = head[victim] + count
#else
                    :: head[victim] == from -> head[victim] = from + count
                    :: else -> task = 0; count = 1
#endif
                    fi
                }
                if
                :: count > 1 -> tail[me] = tail[me] + count - 1
                :: else
                fi
            :: else
            fi
            atomic { victim++; from = 0; count = 0 }
        :: else -> victim++
        fi
    :: else -> break
    od
    atomic { victim = 0; from = 0; count = 0 }
#if BROKEN == 6
    if
    :: task != 0 -> endSearch(me)
    :: else
    fi
#else
    endSearch(me)
#endif
#if BROKEN != 3
    isSomethingQueued()
    if
#if BROKEN == 7
    :: task != 0 && isFound -> wakeThief()
#else
    :: isFound -> wakeThief()
#endif
    :: else
    fi
    isFound = false
#endif
}

// Runs `task`, if there is one.
inline run_() {
    if
    :: task != 0 ->
        atomic { assert(runs[task] == 0); runs[task] = 1; ran++ }
    :: else
    fi
}

proctype First() {
    byte me = 0
    byte task, from, next, other
    bool hasWon
    for (next : 1 .. TASKS) {
#if BROKEN == 4
        wakeThief()
#endif
        slots[me * SLOTS + tail[me] % SLOTS] = next
        tail[me]++
#if BROKEN != 4
        wakeThief()
#endif
    }
    if
    :: pop(); run_()
    :: true
    fi
    task = 0
}

proctype Worker(byte me) {
    byte task, from, count, victim, other
    bool hasWon, isFound
    // Both sleep at first. An event wakes one of them at any time, and it goes back to sleep.
    goto sleeping
    do
    :: ran < TASKS ->
        pop()
        if
        :: task != 0 -> run_()
        :: else ->
            isSomethingQueued()
            if
            :: isFound -> steal(); run_()
            :: else ->
                asleep[me] = true
#if BROKEN != 2
                isSomethingQueued()
#endif
                if
                :: isFound
                :: else ->
sleeping:           (eventfd[me] == 1 || hasEvent[me] || ran == TASKS); eventfd[me] = 0
                fi
                // endSleep
                asleep[me] = false
#if BROKEN == 5
                if
                :: hasEvent[me] -> hasEvent[me] = false; ran == TASKS
                :: hasEvent[me] -> hasEvent[me] = false
                :: !hasEvent[me]
                fi
#endif
                if
                :: searcher == me + 1 -> steal(); run_()
                :: else
                fi
#if BROKEN != 5
                if
                :: hasEvent[me] -> hasEvent[me] = false; ran == TASKS
                :: hasEvent[me] -> hasEvent[me] = false
                :: !hasEvent[me]
                fi
#endif
            fi
        fi
        d_step { task = 0; isFound = false }
    :: else -> break
    od
}

init {
    atomic {
        hasEvent[1] = true
        asleep[1] = true
        asleep[2] = true
        run First()
        run Worker(1)
        run Worker(2)
    }
}

ltl everyTaskRuns { <> (ran == TASKS) }

// Tests/models/slot.pml — the life of a task in a slot of Primitives/SlotTable.swift, woken by handles.
//
//     free ──allocate──▶ created ──wake──▶ scheduled ──worker──▶ running ──park──▶ parked ──wake──▶ scheduled
//                                                                │    ▲
//                                                           wake │    │ park: takes the token, goes on
//                                                                ▼    │
//                                                               notified        running, notified ──done──▶ free,
//                                                                                              generation + 1
//
// Tasks follow each other in one slot. Each waits for its own event, which another one sets before waking it; others wake
// at any time with handles that may be stale. Shown: no wake-up is lost (a task would wait for ever: an invalid end
// state), no handle of an earlier task wakes a later one, and no task is queued twice.
//
// BROKEN=1   wake compares the generation first and exchanges the state alone
// BROKEN=2   park stores `parked` without looking for a token
// BROKEN=3   wake queues a task that is running

#ifndef BROKEN
#define BROKEN 0
#endif

#define TASKS 2

mtype = { free, created, scheduled, running, parked, notified }

byte generation = 1
mtype state = free
byte handle[TASKS + 1]          // 0: not spawned yet
bool happened[TASKS + 1]
byte current = 0                // the task in the slot
byte finished = 0
byte queued = 0
chan queue = [2] of { byte }    // handles

// Makes the task of generation `h` run, if it is still there.
inline wake(h) {
    do
    :: true ->
        atomic { seenGeneration = generation; seen = state }
        if
        :: seenGeneration != h -> break
        :: seenGeneration == h && (seen == scheduled || seen == notified || seen == free) -> break
        :: seenGeneration == h && (seen == created || seen == parked) ->
            atomic {
                if
#if BROKEN == 1
                :: state == seen ->
#else
                :: state == seen && generation == h ->
#endif
                    assert(generation == h)
                    state = scheduled
                    queued++
                    assert(queued == 1)
                    queue!h
                    break
                :: else
                fi
            }
        :: seenGeneration == h && seen == running ->
            atomic {
                if
                :: state == running && generation == h ->
#if BROKEN == 3
                    state = scheduled
                    queued++
                    queue!h
#else
                    state = notified
#endif
                    break
                :: else
                fi
            }
        fi
    od
    atomic { seenGeneration = 0; seen = free }  // forgotten: fewer states to tell apart
}

proctype Spawner() {
    byte task
    byte seenGeneration
    mtype seen
    for (task : 1 .. TASKS) {
        atomic { state == free -> state = created; current = task; handle[task] = generation }
        wake(handle[task])
    }
}

// Sets the event that `task` waits for, and wakes it.
proctype Waker(byte task) {
    byte seenGeneration
    mtype seen
    handle[task] != 0
    happened[task] = true
    wake(handle[task])
}

// Wakes `task` for no reason, whenever.
proctype Straggler(byte task) {
    byte seenGeneration
    mtype seen
    handle[task] != 0
    wake(handle[task])
}

proctype Worker() {
    byte h
    bool isDone
    do
    :: finished < TASKS ->
        queue?h
        atomic {
            queued--
            assert(generation == h && state == scheduled)
            state = running
        }
        // The task: `while !happened { park() }`.
        isDone = false
        do
        :: happened[current] -> isDone = true; break
        :: else ->
#if BROKEN == 2
            state = parked
            break
#else
            atomic {
                assert(generation == h)
                if
                :: state == running -> state = parked; break
                :: state == notified -> state = running
                :: else -> assert(false)
                fi
            }
#endif
        od
        if
        :: isDone -> atomic { assert(state == running || state == notified); generation++; state = free; finished++ }
        :: else
        fi
        h = 0
    :: else -> break
    od
}

init {
    byte index
    atomic {
        run Spawner()
        run Worker()
        for (index : 1 .. TASKS) { run Waker(index) }
        run Straggler(1)
    }
}

ltl everyTaskFinishes { <> (finished == TASKS) }

// Tests/models/room.pml — the room of Server/SendQueue.swift: bytes that are reserved, and tasks that wait for room.
//
//     sender: reserve ──▶ push ──▶ ring                 worker: take all ──▶ release each ──▶ offer room: resume all
//                │ full                                                        if at most half of the limit is used
//                └──▶ join ──▶ look for room ──▶ sleep until resumed, then reserve again
//
// A sender waits for room, another one only tries, a third one reserves and then finds no memory. Shown: the one that
// waits has its message queued in the end.
//
// BROKEN=1   a try that fails has added its bytes for a moment
// BROKEN=2   the sender looks for room before it joins
// BROKEN=3   a sender that finds no memory gives its room back without a word
// BROKEN=4   the worker offers no room

#ifndef BROKEN
#define BROKEN 0
#endif

#define LIMIT 2

byte used = LIMIT
byte queued = LIMIT     // bytes in the inbox: one message from before
bool joined = false
bool asleep = false
bool done = false

inline resumeWaiters() {
    atomic {
        if
        :: joined -> joined = false; asleep = false
        :: else -> skip
        fi
    }
}

// What reserve() does in one step, into `ok`.
inline take(size, ok) {
#if BROKEN == 1
    atomic { before = used; used = used + size }
    if
    :: before == 0 || before + size <= LIMIT -> ok = true
    :: else -> atomic { used = used - size; ok = false }
    fi
#else
    atomic {
        if
        :: used == 0 || used + size <= LIMIT -> used = used + size; ok = true
        :: else -> ok = false
        fi
    }
#endif
}

proctype Waits() {
    byte before
    bool ok, room
    do
    :: true ->
        take(1, ok)
        if
        :: ok -> break
        :: else -> skip
        fi
#if BROKEN == 2
        room = (used == 0 || used + 1 <= LIMIT)
        atomic { asleep = true; joined = true }
#else
        atomic { asleep = true; joined = true }
        room = (used == 0 || used + 1 <= LIMIT)
#endif
        if
        :: room -> asleep = false
        :: else -> skip
        fi
        !asleep
    od
    queued = queued + 1
    done = true
}

proctype Tries() {
    byte before
    bool ok
    take(2, ok)
    if
    :: ok -> queued = queued + 2
    :: else -> skip
    fi
}

proctype FindsNoMemory() {
    byte before
    bool ok
    take(2, ok)
    if
    :: ok ->
        used = used - 2
#if BROKEN != 3
        resumeWaiters()
#endif
    :: else -> skip
    fi
}

active proctype Worker() {
    byte taken
end:
    do
    :: atomic { queued > 0 -> taken = queued; queued = 0 }
        used = used - taken
        if
#if BROKEN != 4
        :: used <= LIMIT / 2 -> resumeWaiters()
#endif
        :: else -> skip
        fi
    od
}

init {
    atomic {
        run Waits()
        run Tries()
        run FindsNoMemory()
    }
}

ltl ends { <> done }

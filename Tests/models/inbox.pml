// Tests/models/inbox.pml — Primitives/Inbox.swift: pushers, an owner that sleeps on an eventfd, one word between them.
//
// Shown: no message is lost or reordered within its pusher, and no wake-up is lost (the owner would sleep for ever: an
// invalid end state). Nodes are used again as soon as they were drained, so an ABA error would show too.
//
// BROKEN=1   prepareToSleep checks and stores in two steps
// BROKEN=2   a pusher decides whether to ring by what it saw before its push

#ifndef BROKEN
#define BROKEN 0
#endif

#define PUSHERS 2
#define EACH 3
#define NODES 2             // of each pusher, used in turn
#define TOTAL (PUSHERS * EACH)

#define EMPTY 0
#define SLEEPING 99

byte head = EMPTY           // or a node's number, from 1
byte next[PUSHERS * NODES + 1]
byte message[PUSHERS * NODES + 1]
bool inUse[PUSHERS * NODES + 1]
bit eventfd = 0
byte received = 0
byte expected[PUSHERS]

proctype Pusher(byte me) {
    byte count = 0
    byte node, old
    bool pushed, slept
    do
    :: count < EACH ->
        node = 1 + me * NODES + count % NODES
        !inUse[node]        // drained: its owner, the pusher, may use it again
        inUse[node] = true
        message[node] = count
        old = head
        slept = (old == SLEEPING)
        pushed = false
        do
        :: !pushed ->
            next[node] = (old == SLEEPING -> 0 : old)
            atomic {
                if
                :: head == old -> head = node; pushed = true
                :: else -> old = head
                fi
            }
        :: pushed -> break
        od
#if BROKEN != 2
        slept = (old == SLEEPING)
#endif
        if
        :: slept -> eventfd = 1
        :: else
        fi
        count++
        d_step { node = 0; old = 0; slept = false }     // forgotten: fewer states to tell apart
    :: else -> break
    od
}

proctype Owner() {
    byte node, list, following
    bool mayCheck
    do
    :: received < TOTAL ->
        // drain(): one exchange, then reverse
        atomic { node = head; head = EMPTY }
        if
        :: node == SLEEPING -> node = 0
        :: else
        fi
        list = 0
        do
        :: node != 0 ->
            d_step { following = next[node]; next[node] = list; list = node; node = following }
        :: else -> break
        od
        if
        :: list == 0 ->
            // prepareToSleep(), and the wait for the eventfd
#if BROKEN == 1
            if
            :: head == EMPTY -> head = SLEEPING; eventfd == 1; eventfd = 0
            :: else
            fi
#else
            atomic {
                if
                :: head == EMPTY -> head = SLEEPING; mayCheck = true
                :: else -> mayCheck = false
                fi
            }
            if
            :: mayCheck -> eventfd == 1; eventfd = 0
            :: else
            fi
#endif
        :: else
        fi
        do
        :: list != 0 ->
            node = list
            list = next[node]
            assert(message[node] == expected[(node - 1) / NODES])
            expected[(node - 1) / NODES]++
            received++
            inUse[node] = false
        :: else -> node = 0; break
        od
    :: else -> break
    od
}

init {
    byte index
    atomic {
        for (index : 0 .. PUSHERS - 1) { run Pusher(index) }
        run Owner()
    }
}

ltl everythingArrives { <> (received == TOTAL) }

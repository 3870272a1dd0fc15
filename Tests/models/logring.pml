// Tests/models/logring.pml — the sleep flag of Primitives/LogRing.swift.
//
// Shown: however producer and consumer interleave, no line waits for ever (the consumer would sleep beside it: an
// invalid end state).
//
// BROKEN=1   the consumer looks for lines before it sets the flag
// BROKEN=2   the producer's index is released but not sequentially consistent: it stays in the processor's store buffer
//            while the flag is read

#ifndef BROKEN
#define BROKEN 0
#endif

#define LINES 5

byte produced = 0
byte consumed = 0
bool sleeps = false
byte bell = 0                   // the eventfd's counter

#if BROKEN == 2
byte buffered = 0               // what the store buffer holds; 0: nothing

active proctype StoreBuffer() {
end:
    do
    :: atomic { buffered != 0 -> produced = buffered; buffered = 0 }
    od
}
#endif

active proctype Producer() {
    byte line
    bool mustWake
    for (line : 1 .. LINES) {
#if BROKEN == 2
        atomic { buffered == 0 -> buffered = line }
#else
        produced = line
#endif
        if
        :: sleeps ->
            atomic { mustWake = sleeps; sleeps = false }
            if
            :: mustWake -> bell++
            :: else
            fi
        :: else
        fi
    }
}

active proctype Consumer() {
    do
    :: consumed < LINES ->
        // All that is there.
        consumed = produced
        if
        :: consumed == LINES -> break
        :: else
        fi
#if BROKEN == 1
        if
        :: produced == consumed -> sleeps = true; bell > 0; bell = 0
        :: else
        fi
#else
        sleeps = true
        if
        :: produced == consumed -> bell > 0; bell = 0
        :: else -> sleeps = false
        fi
#endif
    :: else -> break
    od
}

ltl everyLineIsRead { <> (consumed == LINES) }

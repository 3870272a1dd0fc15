// Tests/mutants/CMutants/include/CMutants.h — which mutant a process runs.

#ifndef CMUTANTS_H
#define CMUTANTS_H

#define MUTANTS_HIDDEN __attribute__((visibility("hidden")))

/// Whether the environment was read.
MUTANTS_HIDDEN extern volatile int mutants_ready;
/// The mutant that runs; 0: none, as in the product.
MUTANTS_HIDDEN extern int mutants_active;
/// A byte for each mutant, 1 if its place was reached; null if no file was named for that.
MUTANTS_HIDDEN extern unsigned char *_Nullable mutants_reached;
MUTANTS_HIDDEN void mutants_read(void);

/// Whether the mutant `number` runs in this process.
static inline _Bool mutants_is(int number) {
    if (!mutants_ready) mutants_read();
    if (mutants_reached) mutants_reached[number] = 1;
    return mutants_active == number;
}

#endif

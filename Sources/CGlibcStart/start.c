// Sources/CGlibcStart/start.c — how a program that glibc starts comes by its arguments.
//
// Only `async-nostdd` links this. In the freestanding program `_start` does it (CLinux/start.S), which here is glibc's.

#include "CGlibcStart.h"

#include "CLinux.h"

/// glibc calls constructors with what `main` gets, and these pointers lead to the kernel's own block on the stack:
/// environment and auxiliary vector follow the arguments. No `setenv` can have moved the environment before.
__attribute__((constructor)) static void take_process(int argument_count, char **arguments) {
    linux_take_process(argument_count, arguments);
}

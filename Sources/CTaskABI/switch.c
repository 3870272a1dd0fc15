// Sources/CTaskABI/switch.c — changing executors.
//
// There is one, the generic one (identity 0): a bound task runs on its home, a free one anywhere, and every switch is a
// jump. Actors, which would bring others, are not supported.

#include "task.h"

SWIFT_ASYNC void swift_task_switch(
    CONTEXT struct async_context *context, task_continuation *resume, uintptr_t identity, uintptr_t implementation) {
    (void)implementation;
    if (identity) task_unsupported();
    return resume(context);
}

// Sources/CLinux/include/CLinux.h — the door to the kernel: system calls, its own headers, threads, start-up.

#ifndef CLINUX_H
#define CLINUX_H

#include "syscall.h"
#include "uapi.h"
#include "thread.h"

#endif

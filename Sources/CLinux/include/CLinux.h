// Sources/CLinux/include/CLinux.h — access to the kernel: system calls, its headers, threads, start-up.

#ifndef CLINUX_H
#define CLINUX_H

#include "syscall.h"
#include "uapi.h"
#include "thread.h"

#endif

// Sources/CLinux/include/uapi.h — constants and structs from the kernel's own headers.
//
// Debian's linux-libc-dev has them. The kernel keeps a few socket constants out of its exported headers; they are
// spelled here and held against glibc's by Tests/LinuxTests.

#ifndef CLINUX_UAPI_H
#define CLINUX_UAPI_H

#include <linux/types.h>

// glibc has structs of the same names, which the hosted build sees too.
#define timespec linux_old_timespec
#define timeval linux_old_timeval
#define itimerspec linux_old_itimerspec
#define itimerval linux_old_itimerval
#define timezone linux_timezone
#include <linux/time.h>
#undef timespec
#undef timeval
#undef itimerspec
#undef itimerval
#undef timezone

#include <asm/errno.h>
#include <asm/fcntl.h>
#include <asm/poll.h>
#include <asm/prctl.h>
#include <asm/signal.h>
#include <asm/siginfo.h>
#include <asm/sigcontext.h>
#include <asm/socket.h>
#include <asm/ucontext.h>
#include <asm/unistd.h>
#include <linux/auxvec.h>
#include <linux/elf.h>
#include <linux/eventpoll.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/signalfd.h>
#include <linux/stat.h>
#include <linux/tcp.h>
#include <linux/timerfd.h>
#include <linux/uio.h>

enum {
    // <linux/in.h> and <linux/in6.h> define structs that glibc defines otherwise; layout.c holds these against them.
    LINUX_IPPROTO_TCP = 6,
    LINUX_IPPROTO_IPV6 = 41,
    LINUX_IPV6_V6ONLY = 26,
    // include/linux/socket.h and include/linux/net.h of the kernel, which are not exported.
    LINUX_AF_UNSPEC = 0,
    LINUX_AF_UNIX = 1,
    LINUX_AF_INET = 2,
    LINUX_AF_INET6 = 10,
    LINUX_SOCK_STREAM = 1,
    LINUX_SOCK_DGRAM = 2,
    LINUX_SOCK_NONBLOCK = O_NONBLOCK,
    LINUX_SOCK_CLOEXEC = O_CLOEXEC,
    LINUX_MSG_NOSIGNAL = 0x4000,
    LINUX_MSG_MORE = 0x8000,
    LINUX_MSG_DONTWAIT = 0x40,
    LINUX_SHUT_WR = 1,
    LINUX_EFD_NONBLOCK = O_NONBLOCK,
    LINUX_EFD_CLOEXEC = O_CLOEXEC,
};

#endif

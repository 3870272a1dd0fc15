// Sources/CLinux/include/uapi.h — constants and structs from the kernel's own headers.
//
// Debian's linux-libc-dev has them. glibc has structs of the same names, often with other layouts, and the hosted build
// sees both: so the kernel's are called `linux_…` here, by macros that last for the headers below.
//
// The kernel keeps a few socket constants out of its exported headers; they are spelled here and held against glibc's
// by Tests/LinuxTests.

#ifndef CLINUX_UAPI_H
#define CLINUX_UAPI_H

#include <linux/types.h>

#define timespec linux_timespec
#define timeval linux_timeval
#define itimerspec linux_itimerspec
#define itimerval linux_itimerval
#define timezone linux_timezone
#define sigaction linux_sigaction
#define siginfo linux_siginfo
#define siginfo_t linux_siginfo_t
#define sigset_t linux_sigset_t
#define stack_t linux_stack_t
#define sigaltstack linux_sigaltstack
#define sigevent linux_sigevent
#define sigevent_t linux_sigevent_t
#define sigval linux_sigval
#define sigval_t linux_sigval_t
#define flock linux_flock
#define flock64 linux_flock64
#define f_owner_ex linux_f_owner_ex
#define pollfd linux_pollfd
#define epoll_event linux_epoll_event
#define epoll_params linux_epoll_params
#define rlimit linux_rlimit
#define rlimit64 linux_rlimit64
#define rusage linux_rusage
#define signalfd_siginfo linux_signalfd_siginfo
#define statx linux_statx
#define statx_timestamp linux_statx_timestamp
#define clone_args linux_clone_args
#define open_how linux_open_how
#define iovec linux_iovec

#include <asm/errno.h>
#include <asm/fcntl.h>
#include <asm/ioctls.h>
#include <asm/poll.h>
#include <asm/prctl.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/socket.h>
#include <asm/unistd.h>
#include <linux/auxvec.h>
#include <linux/elf.h>
#include <linux/eventpoll.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/signalfd.h>
#include <linux/sockios.h>
#include <linux/stat.h>
#include <linux/time.h>
#include <linux/timerfd.h>
#include <linux/uio.h>

#undef timespec
#undef timeval
#undef itimerspec
#undef itimerval
#undef timezone
#undef sigaction
#undef siginfo
#undef siginfo_t
#undef sigset_t
#undef stack_t
#undef sigaltstack
#undef sigevent
#undef sigevent_t
#undef sigval
#undef sigval_t
#undef flock
#undef flock64
#undef f_owner_ex
#undef pollfd
#undef epoll_event
#undef epoll_params
#undef rlimit
#undef rlimit64
#undef rusage
#undef signalfd_siginfo
#undef statx
#undef statx_timestamp
#undef clone_args
#undef open_how
#undef iovec

enum {
    // <linux/in.h>, <linux/in6.h> and <linux/tcp.h> have nothing else that is needed; layout.c holds these against
    // them.
    LINUX_IPPROTO_TCP = 6,
    LINUX_IPPROTO_IPV6 = 41,
    LINUX_IPV6_V6ONLY = 26,
    LINUX_TCP_NODELAY = 1,
    LINUX_TCP_INFO = 11,
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
};

/// The kernel's `struct user_msghdr` (include/linux/socket.h), which is not exported either.
struct linux_msghdr {
    void *msg_name;
    int msg_namelen;
    struct linux_iovec *msg_iov;
    __kernel_size_t msg_iovlen;
    void *msg_control;
    __kernel_size_t msg_controllen;
    unsigned int msg_flags;
};

#endif

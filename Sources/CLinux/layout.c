// Sources/CLinux/layout.c — the layouts of the kernel's structs that Swift code relies on.

#include <stddef.h>

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/tcp.h>
#include <linux/un.h>

#include "CLinux.h"

_Static_assert(sizeof(long) == 8 && sizeof(void *) == 8, "x86-64 only");
_Static_assert(sizeof(struct linux_epoll_event) == 12 && offsetof(struct linux_epoll_event, data) == 4, "epoll_event is packed");
_Static_assert(sizeof(struct linux_pollfd) == 8, "pollfd");
_Static_assert(sizeof(struct linux_signalfd_siginfo) == 128, "signalfd_siginfo");
_Static_assert(sizeof(struct sockaddr_in) == 16 && offsetof(struct sockaddr_in, sin_addr) == 4, "sockaddr_in");
_Static_assert(sizeof(struct sockaddr_in6) == 28 && offsetof(struct sockaddr_in6, sin6_addr) == 8, "sockaddr_in6");
_Static_assert(sizeof(struct sockaddr_un) == 110 && offsetof(struct sockaddr_un, sun_path) == 2, "sockaddr_un");
_Static_assert(LINUX_IPPROTO_TCP == IPPROTO_TCP && LINUX_IPPROTO_IPV6 == IPPROTO_IPV6, "protocols");
_Static_assert(LINUX_TCP_NODELAY == TCP_NODELAY && LINUX_TCP_INFO == TCP_INFO, "TCP options");
_Static_assert(offsetof(struct tcp_info, tcpi_unacked) == 24 && offsetof(struct tcp_info, tcpi_sacked) == 28, "tcp_info");
_Static_assert(LINUX_IPV6_V6ONLY == IPV6_V6ONLY, "IPv6 option");
_Static_assert(sizeof(struct __kernel_timespec) == 16, "timespec");
_Static_assert(sizeof(linux_sigset_t) == 8, "the kernel's signal set, not glibc's");
_Static_assert(sizeof(struct linux_thread) <= 64, "one cache line of thread-local variables");

/* bench/ceilings/epoll.c — the ceiling on epoll: one set for each thread, edge-triggered, no read after a short one */
#define _GNU_SOURCE
#include "ceiling.h"
#include <stddef.h>
#include <sys/epoll.h>

enum { BUFFER = 128 << 10, CONNECTIONS = 1 << 20 };

struct connection {
    uint32_t request, carried;
    uint64_t owed;   /* bytes of answers that the socket did not take */
    uint8_t *unsent; /* echoes that it did not take: `owed` bytes at the end of `unsent_length` */
    size_t unsent_length;
    struct echo echo;
};
/* By descriptor; what is never used takes no memory. */
static struct connection connections[CONNECTIONS];

/* True once nothing is owed any more. */
static bool pay(int fd, struct connection *connection) {
    while (connection->owed) {
        const char *bytes = (char *)connection->unsent + connection->unsent_length - connection->owed;
        size_t length = connection->owed;
        if (!connection->unsent) {
            size_t at = (answer_length - length % answer_length) % answer_length;
            bytes = answers + at;
            if (length > COPIES * answer_length - at) length = COPIES * answer_length - at;
        }
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent < 0) return false;
        connection->owed -= sent;
    }
    free(connection->unsent);
    connection->unsent = NULL;
    return true;
}

static bool send_echo(int fd, struct connection *connection, uint8_t *bytes, size_t length) {
    ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
    if (sent == (ssize_t)length) return true;
    if (sent < 0) sent = 0;
    connection->unsent_length = connection->owed = length - sent;
    connection->unsent = malloc(connection->owed);
    memcpy(connection->unsent, bytes + sent, connection->owed);
    return false;
}

/* MSG_MORE holds the answer back until the end of the connection, so that both leave in one segment. */
static void answer_and_close(int fd) {
    send(fd, answers, answer_length, MSG_NOSIGNAL | MSG_MORE);
    close(fd);
}

static void serve(int fd, struct connection *connection, uint8_t *buffer) {
    ssize_t got;
    if (!pay(fd, connection)) return;
    do {
        got = recv(fd, buffer, BUFFER, 0);
        if (got == 0 || (got < 0 && errno != EAGAIN)) {
            close(fd);
            free(connection->unsent);
            connection->unsent = NULL;
        }
        if (got <= 0) return;
        if (mode == CLOSE) {
            answer_and_close(fd);
            return;
        }
        if (mode == ECHO) {
            size_t length = echo(&connection->echo, buffer, got);
            if (length && !send_echo(fd, connection, buffer - FRONT, length)) return;
        } else {
            size_t requests = requests_in((char *)buffer, got, &connection->request, &connection->carried);
            connection->owed = requests * answer_length;
            if (!pay(fd, connection)) return;
        }
    } while (got == BUFFER);
}

/* How many connections wait. To ask is a seventh of an accept4 that finds none: that makes a socket before it looks. */
static int waiting(int listener) {
    struct tcp_info info = {0};
    socklen_t size = offsetof(struct tcp_info, tcpi_sacked);
    return getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &size) ? 64 : info.tcpi_unacked;
}

/* What has a request with it already is answered without epoll. */
static void accept_all(int listener, int set, uint8_t *buffer) {
    int fd;
    for (int left = waiting(listener); left && (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0; left--) {
        memset(&connections[fd], 0, sizeof *connections);
        if (mode == CLOSE && recv(fd, buffer, BUFFER, 0) > 0) {
            answer_and_close(fd);
            continue;
        }
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.fd = fd};
        epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
    }
}

static void serve_forever(void) {
    int listener = listen_here(SOCK_NONBLOCK), set = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[512];
    epoll_ctl(set, EPOLL_CTL_ADD, listener, &event);
    uint8_t *buffer = (uint8_t *)aligned_alloc(4096, BUFFER + 4096) + FRONT;
    for (;;) {
        int count = epoll_wait(set, events, 512, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) accept_all(listener, set, buffer);
            else serve(fd, &connections[fd], buffer);
        }
    }
}

/* bench/load/connect.c — opens connections, and holds many of them */
#define _GNU_SOURCE
#include "../common/accept.h"
#include "load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* A connection to the server; -1 if it refuses. With several addresses they take turns, 127.0.0.2 and so on: one alone
 * has no more than 28,000 ports, and one whose connection the server closed is not free for a minute. */
int dial(int number, bool blocking) {
    int fd = socket(AF_INET, SOCK_STREAM | (blocking ? 0 : SOCK_NONBLOCK), 0), on = 1;
    if (fd < 0) die("socket");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (options.addresses > 1) {
        struct in_addr address = {htonl(INADDR_LOOPBACK + 1 + number % options.addresses)};
        struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr = address};
        setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
        if (bind(fd, (void *)&own, sizeof own)) die("bind");
    }
    struct timeval patience = {3, 0};
    if (blocking) setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    struct in_addr loopback = {htonl(INADDR_LOOPBACK)};
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(options.port), .sin_addr = loopback};
    if (connect(fd, (void *)&server, sizeof server) && errno != EINPROGRESS) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Waits for the blank line behind the head, and takes the head alone. Returns its length, 0 if there is none. */
static size_t take_head(int fd, char *head, size_t room) {
    for (int tries = 0; tries < 1000; tries++) {
        ssize_t got = recv(fd, head, room - 1, MSG_PEEK);
        if (got <= 0) return 0;
        head[got] = 0;
        char *end = strstr(head, "\r\n\r\n");
        if (end) {
            got = recv(fd, head, end + 4 - head, 0);
            head[got > 0 ? got : 0] = 0;
            return got > 0 ? got : 0;
        }
        usleep(100);
    }
    return 0;
}

static bool shake_hands(int fd) {
    static const char key[] = "dGhlIHNhbXBsZSBub25jZQ==";
    char text[4096], accept[29];
    int length = snprintf(text, sizeof text,
                          "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n",
                          options.path, options.port, key);
    if (send(fd, text, length, MSG_NOSIGNAL) != length || !take_head(fd, text, sizeof text)) return false;
    websocket_accept(key, accept);
    return !strncmp(text, "HTTP/1.1 101", 12) && strstr(text, accept);
}

/* One request and its whole answer: what a keep-alive connection has behind it before it is idle. */
static bool get_once(int fd) {
    char head[8192], body[65536];
    static const char request[] = "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n";
    int length = snprintf(head, sizeof head, request, options.path, options.port);
    if (send(fd, head, length, MSG_NOSIGNAL) != length || !take_head(fd, head, sizeof head)) return false;
    char *field = strcasestr(head, "\r\ncontent-length:");
    if (!field) return false;
    for (long rest = atol(field + 17); rest > 0;) {
        ssize_t got = recv(fd, body, sizeof body, 0);
        if (got <= 0) return false;
        rest -= got;
    }
    return true;
}

/* A connection that is ready for the mode's traffic; -1 if the server does not want it. */
int open_connection(int number) {
    int fd = -1;
    for (int tries = 0; fd < 0 && tries < 50; tries++)
        if ((fd = dial(number, true)) < 0) usleep(10000);
    bool is_socket = options.mode == ECHO || (options.mode == HOLD && options.size > 0);
    bool ready = fd >= 0 && (is_socket ? shake_hands(fd) : options.mode != HOLD || get_once(fd));
    if (ready) return fd;
    if (fd >= 0) close(fd);
    return -1;
}

/* Mode `hold`: opens them all, says so, and keeps them until standard input ends. */
int hold_connections(void) {
    int opened = 0;
    while (opened < options.connections && open_connection(opened) >= 0) opened++;
    printf("{\"opened\": %d}\n", opened);
    fflush(stdout);
    char byte;
    while (read(0, &byte, 1) > 0) continue;
    return 0;
}

/* bench/ceilings/ceiling.h — what both ceilings do with bytes: next to nothing */
/* A ceiling is the least that a server can cost: one receive and one send of prebuilt bytes for each ready socket.
 *
 *   epoll|uring PORT THREADS http|close|ws ANSWER
 *
 *   http   the file ANSWER, head and all, for each request. The end of the first request is looked for; after that
 *          the bytes are counted, so all requests of a connection have to be alike
 *   close  the same, and the end of the connection
 *   ws     frames are unmasked and sent back as they come, without a single check; handshakes are answered */
#pragma once
#define _GNU_SOURCE
#include "../common/accept.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HTTP, CLOSE, ECHO };
enum { COPIES = 16, FRONT = 16 };

static int port, mode;
/* The answer, `COPIES` times: that many pipelined requests are answered in one send. */
static char *answers;
static size_t answer_length;

/* A worker; each ceiling has its own. */
static _Noreturn void serve_forever(void);

static _Noreturn void die(const char *what) {
    perror(what);
    exit(1);
}

static void read_answer(const char *path) {
    static char one[1 << 20];
    FILE *file = fopen(path, "r");
    if (!file) die(path);
    answer_length = fread(one, 1, sizeof one, file);
    fclose(file);
    answers = malloc(COPIES * answer_length);
    for (int i = 0; i < COPIES; i++) memcpy(answers + i * answer_length, one, answer_length);
}

/* How many requests end in what was received. `request` is the length of one, 0 before it is known; `carried` are the
 * bytes of one that is not complete. */
static size_t requests_in(const char *bytes, size_t length, uint32_t *request, uint32_t *carried) {
    if (!*request) {
        const char *end = memmem(bytes, length, "\r\n\r\n", 4);
        if (!end) return 0;
        *request = end + 4 - bytes;
    }
    size_t all = length + *carried;
    *carried = all % *request;
    return all / *request;
}

/* A WebSocket: the head of a frame that came in pieces, and what is left of the frame's payload. */
struct echo {
    uint8_t head[14], head_length;
    bool open;
    uint32_t key;
    uint64_t rest;
};

/* `to` is before `from`, and may overlap it. */
static void unmask(uint8_t *to, const uint8_t *from, size_t length, uint32_t key) {
    typedef uint32_t vector __attribute__((vector_size(32), aligned(1), may_alias));
    vector keys = {key, key, key, key, key, key, key, key};
    size_t i = 0;
    for (; i + 32 <= length; i += 32) *(vector *)(to + i) = *(const vector *)(from + i) ^ keys;
    for (; i < length; i++) to[i] = from[i] ^ (uint8_t)(key >> 8 * (i & 3));
}

/* Turns what was received into what is sent, from `FRONT` bytes before it on, which are free. Returns the length. */
static size_t echo(struct echo *socket, uint8_t *from, size_t length) {
    uint8_t *start = from - FRONT, *to = start, *end = from + length;
    if (!socket->open) {
        char *field = memmem(from, length, "Sec-WebSocket-Key: ", 19), accept[29];
        if (!field) return 0;
        websocket_accept(field + 19, accept);
        socket->open = true;
        return sprintf((char *)to, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
    }
    while (from < end) {
        if (!socket->rest) {
            uint8_t *head = socket->head;
            int more = 0, needed = 6;
            while (from < end && socket->head_length < needed) {
                head[socket->head_length++] = *from++;
                more = socket->head_length < 2 || (head[1] & 127) < 126 ? 0 : (head[1] & 127) == 126 ? 2 : 8;
                needed = 6 + more;
            }
            if (socket->head_length < needed) break;
            memcpy(&socket->key, head + 2 + more, 4);
            head[1] &= 127;
            socket->rest = more ? 0 : head[1];
            for (int i = 0; i < more; i++) socket->rest = socket->rest << 8 | head[2 + i];
            memcpy(to, head, 2 + more), to += 2 + more;
            socket->head_length = 0;
        }
        uint64_t part = (uint64_t)(end - from) < socket->rest ? (uint64_t)(end - from) : socket->rest;
        unmask(to, from, part, socket->key);
        int turn = 8 * (part & 3);
        if (turn) socket->key = socket->key >> turn | socket->key << (32 - turn);
        to += part, from += part, socket->rest -= part;
    }
    return to - start;
}

static int listen_here(int type) {
    int fd = socket(AF_INET, SOCK_STREAM | type, 0), on = 1;
    struct in_addr loopback = {htonl(INADDR_LOOPBACK)};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = loopback};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* connections inherit it */
    if (mode == CLOSE) setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &on, sizeof on);
    if (bind(fd, (void *)&address, sizeof address) || listen(fd, 4096)) die("listen");
    return fd;
}

static void *run(void *unused) {
    (void)unused;
    serve_forever();
}

int main(int count, char **words) {
    if (count != 5) return 2;
    port = atoi(words[1]);
    mode = words[3][0] == 'h' ? HTTP : words[3][0] == 'c' ? CLOSE : ECHO;
    read_answer(words[4]);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    pthread_t id;
    for (int i = 1; i < atoi(words[2]); i++) pthread_create(&id, NULL, run, NULL);
    serve_forever();
}

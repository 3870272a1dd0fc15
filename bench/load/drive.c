/* bench/load/drive.c — a thread of the load generator: its connections send, wait for all answers, and send again, at
 * once or when their turn comes */
#define _GNU_SOURCE
#include "load.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 1 << 20 };

/* Edge-triggered: a level would be looked at again at each turn, so that an answer that has come meanwhile is taken
 * before older ones. That doubled p99 where server and load generator are equally fast. In mode `close` the end follows
 * the answer at once, and must be told separately. */
static void watch(struct thread *thread, struct connection *connection, int operation, uint32_t events) {
    if (options.mode != CLOSE) events |= EPOLLRDHUP | EPOLLET;
    struct epoll_event event = {.events = events, .data.ptr = connection};
    if (epoll_ctl(thread->epoll, operation, connection->fd, &event)) die("epoll_ctl");
}

/* Writes what is left of the batch. True once nothing is. */
static bool write_rest(struct thread *thread, struct connection *connection) {
    while (connection->sent < batch.length) {
        size_t rest = batch.length - connection->sent;
        ssize_t written = send(connection->fd, batch.bytes + connection->sent, rest, MSG_NOSIGNAL);
        if (written < 0) {
            if (errno != EAGAIN) thread->errors++;
            return false;
        }
        connection->sent += written;
    }
    return true;
}

static void send_batch(struct thread *thread, struct connection *connection) {
    connection->sent = 0, connection->pending = options.depth;
    if (!write_rest(thread, connection)) watch(thread, connection, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
}

/* Mode `close`: a connection in the place of the one before. */
static void connect_anew(struct thread *thread, struct connection *connection) {
    connection->sent = 0, connection->pending = 1, connection->due = 0;
    for (int tries = 0; (connection->fd = dial(connection->number, false)) < 0; tries++)
        if (tries == 100) die("connect");
    bool written = write_rest(thread, connection);
    watch(thread, connection, EPOLL_CTL_ADD, written ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

static void begin(struct thread *thread, struct connection *connection, uint64_t since) {
    connection->since = since;
    if (options.mode == CLOSE) connect_anew(thread, connection);
    else send_batch(thread, connection);
}

/* Nothing is due on this connection any more: it begins again, or waits for its turn. */
void answered(struct thread *thread, struct connection *connection) {
    if (!options.rate) {
        begin(thread, connection, now());
        return;
    }
    int last = (thread->first_waiting + thread->waiting_count++) % thread->count;
    thread->waiting[last] = connection;
}

/* At a fixed rate: begins what is due. If all connections are busy, it is late, and its latency says so. */
static void take_turns(struct thread *thread) {
    for (uint64_t time = now(); thread->waiting_count && thread->next_turn <= time; thread->waiting_count--) {
        struct connection *connection = thread->waiting[thread->first_waiting];
        thread->first_waiting = (thread->first_waiting + 1) % thread->count;
        begin(thread, connection, thread->next_turn);
        thread->next_turn += thread->turn_length;
    }
}

static void ended(struct thread *thread, struct connection *connection, bool failed) {
    if (options.mode == CLOSE) {
        if (failed || connection->pending) thread->errors++;
        close(connection->fd);
        answered(thread, connection);
    } else {
        thread->closed++;
        epoll_ctl(thread->epoll, EPOLL_CTL_DEL, connection->fd, NULL);
    }
}

static void serve(struct thread *thread, struct connection *connection, uint32_t events) {
    if (events & EPOLLOUT && write_rest(thread, connection)) watch(thread, connection, EPOLL_CTL_MOD, EPOLLIN);
    if (!(events & ~EPOLLOUT)) return;
    ssize_t got;
    do {
        got = recv(connection->fd, thread->buffer, BUFFER, 0);
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) ended(thread, connection, got < 0);
        else if (options.mode == ECHO) take_echoes(thread, connection, (uint8_t *)thread->buffer, got);
        else take_answers(thread, connection, thread->buffer, got);
    } while (got == BUFFER || (got > 0 && events & EPOLLRDHUP));
}

void *drive(void *argument) {
    struct thread *thread = argument;
    struct epoll_event events[512];
    static _Thread_local char buffer[BUFFER];
    thread->buffer = buffer;
    thread->waiting = calloc(thread->count, sizeof *thread->waiting);
    thread->next_turn = now();
    if (options.rate) thread->turn_length = 1e9 * options.threads / options.rate;
    for (int i = 0; i < thread->count; i++) {
        struct connection *connection = &thread->connections[i];
        if (options.mode != CLOSE) {
            fcntl(connection->fd, F_SETFL, O_NONBLOCK);
            watch(thread, connection, EPOLL_CTL_ADD, EPOLLIN);
        }
        answered(thread, connection);
    }
    while (!stopping) {
        if (options.rate) take_turns(thread);
        int count = epoll_wait(thread->epoll, events, 512, options.rate ? 0 : 100);
        for (int i = 0; i < count; i++) serve(thread, events[i].data.ptr, events[i].events);
    }
    return NULL;
}

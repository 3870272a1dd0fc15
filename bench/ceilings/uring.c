/* bench/ceilings/uring.c — the ceiling on io_uring: one ring for each thread, multishot accept and receive */
#define _GNU_SOURCE
#include "ceiling.h"
#include <liburing.h>
#include <sys/mman.h>

enum { ACCEPT, RECEIVE, SEND, END };
enum { CONNECTIONS = 19000, BUFFERS = 1024, WAITING = 64, STATIC = 0xffff };

struct connection {
    uint32_t request, carried;
    struct echo echo;
    bool sending;
    uint8_t first, last; /* in `waiting`, both modulo its size */
};
/* Echoes of a connection while a send of it is under way: buffer and length. */
struct waiting {
    uint16_t buffer;
    int length;
};
struct worker {
    struct io_uring ring;
    struct io_uring_buf_ring *buffers;
    char *memory;
    struct connection *connections;
    struct waiting (*waiting)[WAITING];
};

static size_t buffer_size(void) { return mode == ECHO ? (64 << 10) + 64 : 8192; }

static void *mapped(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) die("mmap");
    return memory;
}

static struct io_uring_sqe *entry(struct worker *worker, int operation, int fd, int buffer) {
    struct io_uring_sqe *entry;
    while (!(entry = io_uring_get_sqe(&worker->ring))) io_uring_submit(&worker->ring);
    entry->user_data = (uint64_t)operation << 60 | (uint64_t)buffer << 32 | (uint32_t)fd;
    return entry;
}

/* liburing's helpers clear the user data: it is put back behind them. */
#define PREPARE(worker, operation, fd, buffer, call, ...)                                                              \
    ({                                                                                                                 \
        struct io_uring_sqe *filled = entry(worker, operation, fd, buffer);                                            \
        uint64_t data = filled->user_data;                                                                             \
        call(filled, __VA_ARGS__);                                                                                     \
        filled->user_data = data;                                                                                      \
        filled;                                                                                                        \
    })

static void accept_more(struct worker *worker, int listener) {
    PREPARE(worker, ACCEPT, listener, 0, io_uring_prep_multishot_accept_direct, listener, NULL, NULL, 0);
}

static void receive(struct worker *worker, int fd) {
    struct io_uring_sqe *made = mode == CLOSE
        ? PREPARE(worker, RECEIVE, fd, 0, io_uring_prep_recv, fd, NULL, 0, 0)
        : PREPARE(worker, RECEIVE, fd, 0, io_uring_prep_recv_multishot, fd, NULL, 0, 0);
    made->flags |= IOSQE_FIXED_FILE | IOSQE_BUFFER_SELECT;
    made->buf_group = 0;
}

static char *buffer_at(struct worker *worker, int buffer) {
    return worker->memory + buffer * buffer_size() + FRONT;
}

static void give_back(struct worker *worker, int buffer) {
    io_uring_buf_ring_add(worker->buffers, buffer_at(worker, buffer), buffer_size() - FRONT, buffer,
                          io_uring_buf_ring_mask(BUFFERS), 0);
    io_uring_buf_ring_advance(worker->buffers, 1);
}

static void end_connection(struct worker *worker, int fd) {
    PREPARE(worker, END, fd, 0, io_uring_prep_close_direct, fd)->flags |= IOSQE_CQE_SKIP_SUCCESS;
}

static void send_answers(struct worker *worker, int fd, size_t count) {
    int more = mode == CLOSE ? MSG_MORE : 0;
    while (count) {
        size_t part = count < COPIES ? count : COPIES;
        struct io_uring_sqe *made = PREPARE(worker, SEND, fd, STATIC, io_uring_prep_send, fd, answers,
                                            part * answer_length, MSG_NOSIGNAL | MSG_WAITALL | more);
        made->flags |= IOSQE_FIXED_FILE | IOSQE_CQE_SKIP_SUCCESS | (mode == CLOSE || count > part ? IOSQE_IO_LINK : 0);
        count -= part;
    }
    if (mode == CLOSE) end_connection(worker, fd);
}

static void send_echo(struct worker *worker, int fd, int buffer, int length) {
    PREPARE(worker, SEND, fd, buffer, io_uring_prep_send, fd, buffer_at(worker, buffer) - FRONT, length,
            MSG_NOSIGNAL | MSG_WAITALL)->flags |= IOSQE_FIXED_FILE;
}

static void received(struct worker *worker, int fd, int result, uint32_t flags) {
    struct connection *connection = &worker->connections[fd];
    int buffer = flags >> IORING_CQE_BUFFER_SHIFT;
    if (result <= 0) {
        if (flags & IORING_CQE_F_BUFFER) give_back(worker, buffer);
        if (result == -ENOBUFS) receive(worker, fd);
        else end_connection(worker, fd);
        return;
    }
    char *bytes = buffer_at(worker, buffer);
    if (mode == ECHO) {
        size_t length = echo(&connection->echo, (uint8_t *)bytes, result);
        if (!length) give_back(worker, buffer);
        else if (connection->sending)
            worker->waiting[fd][connection->last++ % WAITING] = (struct waiting){buffer, length};
        else connection->sending = true, send_echo(worker, fd, buffer, length);
    } else {
        size_t requests = requests_in(bytes, result, &connection->request, &connection->carried);
        give_back(worker, buffer);
        send_answers(worker, fd, requests);
    }
    if (mode != CLOSE && !(flags & IORING_CQE_F_MORE)) receive(worker, fd);
}

static void sent(struct worker *worker, int fd, int buffer) {
    if (buffer == STATIC) return;
    struct connection *connection = &worker->connections[fd];
    give_back(worker, buffer);
    connection->sending = connection->first != connection->last;
    if (!connection->sending) return;
    struct waiting next = worker->waiting[fd][connection->first++ % WAITING];
    send_echo(worker, fd, next.buffer, next.length);
}

static void set_up(struct worker *worker) {
    struct io_uring_params params = {.cq_entries = 32768};
    params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE;
    if ((errno = -io_uring_queue_init_params(4096, &worker->ring, &params))) die("io_uring_queue_init_params");
    io_uring_register_ring_fd(&worker->ring);
    if ((errno = -io_uring_register_files_sparse(&worker->ring, CONNECTIONS))) die("io_uring_register_files_sparse");
    worker->buffers = mapped(BUFFERS * sizeof(struct io_uring_buf));
    struct io_uring_buf_reg reg = {.ring_addr = (uint64_t)worker->buffers, .ring_entries = BUFFERS};
    if ((errno = -io_uring_register_buf_ring(&worker->ring, &reg, 0))) die("io_uring_register_buf_ring");
    io_uring_buf_ring_init(worker->buffers);
    worker->memory = mapped(BUFFERS * buffer_size());
    for (int i = 0; i < BUFFERS; i++) give_back(worker, i);
    worker->connections = mapped(CONNECTIONS * sizeof *worker->connections);
    worker->waiting = mapped(CONNECTIONS * sizeof *worker->waiting);
}

static void serve_forever(void) {
    struct worker worker;
    set_up(&worker);
    int listener = listen_here(0);
    accept_more(&worker, listener);
    for (;;) {
        io_uring_submit_and_wait(&worker.ring, 1);
        struct io_uring_cqe *done;
        unsigned head, count = 0;
        io_uring_for_each_cqe(&worker.ring, head, done) {
            int fd = (uint32_t)done->user_data, buffer = done->user_data >> 32 & 0xffff;
            count++;
            switch (done->user_data >> 60) {
            case ACCEPT:
                if (done->res >= 0) {
                    memset(&worker.connections[done->res], 0, sizeof *worker.connections);
                    receive(&worker, done->res);
                }
                if (!(done->flags & IORING_CQE_F_MORE)) accept_more(&worker, fd);
                break;
            case RECEIVE: received(&worker, fd, done->res, done->flags); break;
            case SEND: sent(&worker, fd, buffer); break;
            }
        }
        io_uring_cq_advance(&worker.ring, count);
    }
}

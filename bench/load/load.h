/* bench/load/load.h — the load generator: what its files share */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mode { HTTP, CLOSE, ECHO, HOLD };

struct options {
    enum mode mode;
    int port, connections, depth, size, threads, addresses;
    bool text, browser;
    double seconds, warmup;
    double rate; /* batches a second, of all connections together; 0: as fast as they are answered */
    const char *path;
    int pids[256], pid_count;
};
extern struct options options;

/* What is sent each time: `depth` requests or frames, all alike. */
struct batch {
    char *bytes;
    size_t length;
    char *payload; /* what each echo has to hold */
};
extern struct batch batch;

struct connection {
    int fd;
    int number;      /* of all connections of all threads: decides the address that it comes from */
    int pending;     /* answers that are still to come */
    size_t sent;     /* bytes of the batch that are written */
    uint64_t since;  /* when the batch was begun, or should have been, in ns */
    size_t due;      /* HTTP: bytes of the current answer that are still to come; 0: one begins next */
    /* WebSocket: the current frame, and the message that it belongs to */
    uint8_t head[10], head_length;
    uint64_t frame_rest, message_length, messages;
};

/* Latencies: 64 steps for each power of two of nanoseconds, so a step is at most 1.6 % wide. */
struct histogram {
    uint64_t counts[64 * 64], greatest;
};

/* The measured time in pieces of this many ns, with a histogram for each. */
enum { PIECE = 100000000 };

struct thread {
    int epoll, count;
    struct connection *connections;
    char *buffer;
    /* At a fixed rate: connections that wait for their turn, the longest first, and when the next turn is, in ns. */
    struct connection **waiting;
    int first_waiting, waiting_count;
    uint64_t next_turn, turn_length;
    uint64_t operations, errors, closed;
    struct histogram *latencies; /* one for each piece of the measured time */
};

/* Set while figures are taken; all threads read them. */
extern volatile bool measuring, stopping;
/* How many pieces the measured time has. */
extern int pieces;
/* Bytes of an HTTP answer, head and body, as the first one had them. */
extern size_t answer_length;

void die(const char *what);

/* batch.c */
void make_batch(void);

/* connect.c */
int dial(int number, bool blocking);
int open_connection(int number);
int hold_connections(void);

/* drive.c */
void *drive(void *thread);
void answered(struct thread *, struct connection *);

/* http.c, echo.c: take what was received, and say when all of a batch is answered */
void take_answers(struct thread *, struct connection *, const char *bytes, size_t length);
void take_echoes(struct thread *, struct connection *, const uint8_t *bytes, size_t length);

/* latencies.c: from here on answers count; some came; and what they took, in microseconds: the middle of the step that
 * holds the quantile, and the median of what it is in each piece */
void begin_measuring(void);
void answers_came(struct thread *, uint64_t since, uint64_t count);
void add_histogram(struct histogram *sum, const struct histogram *);
double quantile(const struct histogram *, double share);
double middle_quantile(const struct histogram *each, double share);

/* measure.c */
uint64_t now(void);
uint64_t server_nanoseconds(void);
void server_ticks(uint64_t *user, uint64_t *kernel);
double machine_busy(double *stolen);

/* bench/load/main.c — the load generator: options, the measured window, and what it prints */
/* load MODE --port P [--connections 64] [--depth 1] [--size 20] [--threads 1] [--addresses 1] [--path /] [--text]
 *      [--browser] [--rate R] [--seconds 2] [--warmup 0.4] [--pid N]...
 *
 *   http   GETs on connections that stay; `depth` of them in one write, the next ones when all are answered
 *   close  a connection for each GET, with "Connection: close"; waits for the server's end of it
 *   ws     masked frames of `size` bytes, `depth` in one write; every echo is checked
 *   hold   opens connections, prints a line, and keeps them until standard input ends. With `--size 0` each has had
 *          one GET, else it is a WebSocket
 *
 * With `--rate` all connections together send R batches a second, at even distances, whether or not earlier ones are
 * answered, and a latency counts from when its batch was due. The load generator does not sleep then: no server pays
 * for waking it, or gains from finding it awake.
 *
 * Prints a JSON object. The processes of `--pid` are the server: their CPU time is read at both ends of the window. */
#define _GNU_SOURCE
#include "load.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

struct options options = {
    .connections = 64, .depth = 1, .size = 20, .threads = 1, .addresses = 1, .path = "/", .seconds = 2, .warmup = 0.4};
struct batch batch;
volatile bool measuring, stopping;
size_t answer_length;

void die(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static _Noreturn void misused(const char *what) {
    fprintf(stderr, "load: what is '%s'? The head of bench/load/main.c says how it is used\n", what);
    exit(2);
}

static void read_options(int count, char **words) {
    static const char *modes[] = {"http", "close", "ws", "hold"};
    int mode = 0;
    while (mode < 4 && (count < 2 || strcmp(words[1], modes[mode]))) mode++;
    if (mode == 4) misused(count < 2 ? "" : words[1]);
    options.mode = mode;
    for (int i = 2; i < count; i++) {
        const char *name = words[i], *value = i + 1 < count ? words[i + 1] : "";
        if (!strcmp(name, "--text")) { options.text = true; continue; }
        if (!strcmp(name, "--browser")) { options.browser = true; continue; }
        if (!strcmp(name, "--port")) options.port = atoi(value);
        else if (!strcmp(name, "--connections")) options.connections = atoi(value);
        else if (!strcmp(name, "--depth")) options.depth = atoi(value);
        else if (!strcmp(name, "--size")) options.size = atoi(value);
        else if (!strcmp(name, "--threads")) options.threads = atoi(value);
        else if (!strcmp(name, "--addresses")) options.addresses = atoi(value);
        else if (!strcmp(name, "--path")) options.path = value;
        else if (!strcmp(name, "--rate")) options.rate = atof(value);
        else if (!strcmp(name, "--seconds")) options.seconds = atof(value);
        else if (!strcmp(name, "--warmup")) options.warmup = atof(value);
        else if (!strcmp(name, "--pid") && options.pid_count < 256) options.pids[options.pid_count++] = atoi(value);
        else misused(name);
        i++;
    }
}

/* What the clocks said at one end of the window. */
struct reading {
    uint64_t time, server, user, kernel;
    double busy, stolen, own;
};

static struct reading take_reading(void) {
    struct reading reading;
    struct rusage usage;
    server_ticks(&reading.user, &reading.kernel);
    getrusage(RUSAGE_SELF, &usage);
    struct timeval user = usage.ru_utime, kernel = usage.ru_stime;
    reading.own = user.tv_sec + kernel.tv_sec + (user.tv_usec + kernel.tv_usec) / 1e6;
    reading.busy = machine_busy(&reading.stolen);
    reading.server = server_nanoseconds();
    reading.time = now();
    return reading;
}

static void print_figures(const struct thread *sum, const struct reading *from, const struct reading *to) {
    double wall = (to->time - from->time) / 1e9, server = (to->server - from->server) / 1e9, own = to->own - from->own;
    uint64_t user = to->user - from->user, ticks = user + to->kernel - from->kernel;
    struct histogram all = {0}, *latencies = &all;
    for (int i = 0; i < pieces; i++) add_histogram(latencies, &sum->latencies[i]);
    printf("{\"operations\": %lu, \"rate\": %.1f, \"cpu\": %.4f, ", sum->operations, sum->operations / wall,
           sum->operations ? server * 1e6 / sum->operations : 0);
    printf("\"user_share\": %.3f, \"server_busy\": %.3f, \"load_busy\": %.3f, ", ticks ? (double)user / ticks : 0,
           server / wall, own / wall);
    printf("\"others_busy\": %.3f, \"stolen\": %.3f, ", (to->busy - from->busy - own - server) / wall,
           (to->stolen - from->stolen) / wall);
    printf("\"p50\": %.2f, \"p99\": %.2f, \"p999\": %.2f, \"greatest\": %.1f, ", quantile(latencies, .5),
           quantile(latencies, .99), quantile(latencies, .999), latencies->greatest / 1e3);
    printf("\"calm_p99\": %.2f, ", middle_quantile(sum->latencies, .99));
    printf("\"answer_length\": %zu, \"errors\": %lu, \"closed\": %lu}\n", answer_length, sum->errors, sum->closed);
}

int main(int count, char **words) {
    read_options(count, words);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (options.mode == HOLD) return hold_connections();
    make_batch();

    struct thread *threads = calloc(options.threads, sizeof *threads), sum = {0};
    pieces = options.seconds * 1e9 < PIECE ? 1 : options.seconds * 1e9 / PIECE;
    sum.latencies = calloc(pieces, sizeof *sum.latencies);
    for (int i = 0; i < options.threads; i++) {
        threads[i].latencies = calloc(pieces, sizeof *sum.latencies);
        threads[i].epoll = epoll_create1(0);
        threads[i].connections = calloc(options.connections, sizeof(struct connection));
    }
    for (int number = 0; number < options.connections; number++) {
        struct thread *thread = &threads[number % options.threads];
        struct connection *connection = &thread->connections[thread->count++];
        connection->number = number;
        connection->fd = options.mode == CLOSE ? -1 : open_connection(number);
        if (options.mode != CLOSE && connection->fd < 0) die("a connection was refused, or its handshake failed");
    }

    pthread_t *ids = calloc(options.threads, sizeof *ids);
    for (int i = 0; i < options.threads; i++) pthread_create(&ids[i], NULL, drive, &threads[i]);
    usleep(options.warmup * 1e6);
    struct reading from = take_reading();
    begin_measuring();
    usleep(options.seconds * 1e6);
    measuring = false;
    struct reading to = take_reading();
    stopping = true;
    for (int i = 0; i < options.threads; i++) {
        pthread_join(ids[i], NULL);
        sum.operations += threads[i].operations, sum.errors += threads[i].errors, sum.closed += threads[i].closed;
        for (int k = 0; k < pieces; k++) add_histogram(&sum.latencies[k], &threads[i].latencies[k]);
    }
    print_figures(&sum, &from, &to);
    return 0;
}

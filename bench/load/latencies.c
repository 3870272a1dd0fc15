/* bench/load/latencies.c — how long answers took: noted while the time is measured, and summed up */
#include "load.h"
#include <stdlib.h>

int pieces;
static volatile uint64_t measured_from;

void begin_measuring(void) {
    measured_from = now();
    measuring = true;
}

void answers_came(struct thread *thread, uint64_t since, uint64_t count) {
    if (!measuring) return;
    uint64_t time = now(), nanoseconds = time - since, piece = (time - measured_from) / PIECE;
    int power = nanoseconds < 64 ? 0 : 63 - __builtin_clzll(nanoseconds) - 5;
    struct histogram *histogram = &thread->latencies[piece < (uint64_t)pieces ? piece : (uint64_t)pieces - 1];
    histogram->counts[power * 64 + (nanoseconds >> power)] += count;
    if (nanoseconds > histogram->greatest) histogram->greatest = nanoseconds;
    thread->operations += count;
}

void add_histogram(struct histogram *sum, const struct histogram *other) {
    for (int i = 0; i < 64 * 64; i++) sum->counts[i] += other->counts[i];
    if (other->greatest > sum->greatest) sum->greatest = other->greatest;
}

double quantile(const struct histogram *histogram, double share) {
    uint64_t total = 0, seen = 0;
    for (int i = 0; i < 64 * 64; i++) total += histogram->counts[i];
    for (int i = 0; i < 64 * 64; i++) {
        seen += histogram->counts[i];
        if (!histogram->counts[i] || seen < share * total) continue;
        int power = i / 64;
        return (((uint64_t)(i % 64) << power) + (power ? 1ull << power >> 1 : 0)) / 1e3;
    }
    return 0;
}

static int ascending(const void *a, const void *b) {
    double difference = *(const double *)a - *(const double *)b;
    return difference < 0 ? -1 : difference > 0;
}

double middle_quantile(const struct histogram *each, double share) {
    double found[pieces];
    for (int i = 0; i < pieces; i++) found[i] = quantile(&each[i], share);
    qsort(found, pieces, sizeof *found, ascending);
    return (found[pieces / 2] + found[(pieces - 1) / 2]) / 2;
}

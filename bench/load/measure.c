/* bench/load/measure.c — clocks: the CPU time of the server, and of everything else */
#include "load.h"
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ull + time.tv_nsec;
}

/* The CPU time of all threads of the server. schedstat is the clock that /proc/PID/stat rounds to 10 ms. */
uint64_t server_nanoseconds(void) {
    uint64_t sum = 0;
    for (int i = 0; i < options.pid_count; i++) {
        char path[300];
        snprintf(path, sizeof path, "/proc/%d/task", options.pids[i]);
        DIR *folder = opendir(path);
        if (!folder) continue;
        for (struct dirent *entry; (entry = readdir(folder));) {
            if (entry->d_name[0] == '.') continue;
            snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", options.pids[i], entry->d_name);
            FILE *file = fopen(path, "r");
            unsigned long long nanoseconds = 0;
            if (!file) continue;
            if (fscanf(file, "%llu", &nanoseconds) == 1) sum += nanoseconds;
            fclose(file);
        }
        closedir(folder);
    }
    return sum;
}

/* The same from /proc/PID/stat, which tells user time from the kernel's. */
void server_ticks(uint64_t *user, uint64_t *kernel) {
    *user = *kernel = 0;
    for (int i = 0; i < options.pid_count; i++) {
        char path[64], line[1024], *after_name;
        snprintf(path, sizeof path, "/proc/%d/stat", options.pids[i]);
        FILE *file = fopen(path, "r");
        if (!file) continue;
        unsigned long u, k;
        if (fgets(line, sizeof line, file) && (after_name = strrchr(line, ')')) &&
            sscanf(after_name + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &u, &k) == 2)
            *user += u, *kernel += k;
        fclose(file);
    }
}

/* Seconds that all CPUs together were not idle, and those of them that the host took away. */
double machine_busy(double *stolen) {
    unsigned long long user, nice, system, idle, wait, hard, soft, steal;
    *stolen = 0;
    FILE *file = fopen("/proc/stat", "r");
    if (!file) return 0;
    int fields = fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &system, &idle, &wait, &hard,
                        &soft, &steal);
    fclose(file);
    if (fields != 8) return 0;
    *stolen = steal / 100.0;
    return (user + nice + system + hard + soft + steal) / 100.0;
}

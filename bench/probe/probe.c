/* bench/probe/probe.c — the time from a server's exec to the first byte of its first answer */
/* probe PORT CORE PATH PROGRAM [ARGUMENT...]
 *
 * Starts the program in a session of its own, on that core (-1: on any), asks it over and over until it answers, prints
 * {"pid": …, "micros": …}, and kills the session when standard input ends. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ull + time.tv_nsec;
}

/* One request; true if an answer begins to come. */
static int answers(int port, const char *path) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct in_addr loopback = {htonl(INADDR_LOOPBACK)};
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = loopback};
    struct timeval patience = {5, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    char text[512];
    int length = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path);
    int good = !connect(fd, (void *)&server, sizeof server) && send(fd, text, length, MSG_NOSIGNAL) == length &&
               recv(fd, text, sizeof text, 0) > 0;
    close(fd);
    return good;
}

static _Noreturn void become(char **words, int core, uint64_t *start) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (core >= 0) {
        CPU_SET(core, &set);
        sched_setaffinity(0, sizeof set, &set);
    }
    setsid();
    int nowhere = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; fd++) dup2(nowhere, fd);
    *start = now();
    execvp(words[0], words);
    _exit(127);
}

int main(int count, char **words) {
    if (count < 5) return 2;
    int port = atoi(words[1]), core = atoi(words[2]), status;
    uint64_t *start = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) return 1;
    pid_t pid = fork();
    if (pid == 0) become(words + 4, core, start);
    uint64_t deadline = now() + 10000000000ull;
    int good;
    while (!(good = answers(port, words[3])) && now() < deadline && !waitpid(pid, &status, WNOHANG)) usleep(20);
    uint64_t end = now();
    if (good) printf("{\"pid\": %d, \"micros\": %.1f}\n", pid, (end - *start) / 1e3);
    fflush(stdout);
    char byte;
    while (good && read(0, &byte, 1) > 0) continue;
    kill(-pid, SIGKILL);
    return !good;
}

/* bench/load/http.c — counts HTTP answers. The first tells their length; after that only bytes are counted. */
#define _GNU_SOURCE
#include "load.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static _Noreturn void give_up(const char *why) {
    fprintf(stderr, "load: %s\n", why);
    exit(1);
}

/* Head and body of the answer that begins at `bytes`. */
static size_t length_of(const char *bytes, size_t length) {
    const char *end = memmem(bytes, length, "\r\n\r\n", 4), *field = NULL;
    if (!end) give_up("the first answer's head came in pieces");
    for (const char *at = bytes; at < end; at++)
        if (!strncasecmp(at, "\r\ncontent-length:", 17)) field = at + 17;
    if (!field || strncmp(bytes, "HTTP/1.1 200", 12)) give_up("the first answer is not a 200 with a Content-Length");
    return end + 4 - bytes + atol(field);
}

void take_answers(struct thread *thread, struct connection *connection, const char *bytes, size_t length) {
    while (length) {
        if (!connection->pending) give_up("more bytes than the answers have");
        if (!connection->due) {
            if (!answer_length) answer_length = length_of(bytes, length);
            connection->due = answer_length;
            if (length >= 12 && memcmp(bytes, "HTTP/1.1 200", 12)) thread->errors++;
        }
        size_t part = length < connection->due ? length : connection->due;
        bytes += part, length -= part, connection->due -= part;
        if (connection->due) return;
        connection->pending--;
        answers_came(thread, connection->since, 1);
    }
    if (!connection->pending && options.mode == HTTP) answered(thread, connection);
}

/* bench/load/echo.c — counts WebSocket echoes, and looks whether they are what was sent */
#include "load.h"
#include <string.h>

enum { TEXT = 1, BINARY = 2, CLOSING = 8, OPCODE = 15, FINAL = 0x80 };

/* Reads the head of a frame as far as it is there. True once all of it is known. */
static bool read_head(struct connection *connection, const uint8_t **bytes, size_t *length) {
    for (;;) {
        int size = connection->head_length < 2 ? 0 : connection->head[1] & 127;
        int needed = size == 127 ? 10 : size == 126 ? 4 : 2;
        if (connection->head_length >= needed) {
            connection->frame_rest = size < 126 ? size : 0;
            for (int i = 2; i < needed; i++) connection->frame_rest = connection->frame_rest << 8 | connection->head[i];
            return true;
        }
        if (!*length) return false;
        connection->head[connection->head_length++] = *(*bytes)++;
        --*length;
    }
}

/* Long messages are compared now and then only: that would be the load generator's main work. */
static bool is_compared(const struct connection *connection) {
    return options.size <= 1024 || connection->messages < 4 || !(connection->messages & 63);
}

/* Part of a message. One that is not an echo is an error, but for a greeting before the first. */
static void take_payload(struct thread *thread, struct connection *connection, const uint8_t *bytes, size_t length) {
    uint64_t at = connection->message_length;
    if (is_compared(connection) && at + length <= (uint64_t)options.size && memcmp(bytes, batch.payload + at, length) &&
        connection->messages)
        thread->errors++;
    connection->message_length += length;
}

void take_echoes(struct thread *thread, struct connection *connection, const uint8_t *bytes, size_t length) {
    int echoes = 0;
    while (length || connection->head_length) {
        if (!connection->frame_rest && !read_head(connection, &bytes, &length)) break;
        int opcode = connection->head[0] & OPCODE;
        size_t part = length < connection->frame_rest ? length : connection->frame_rest;
        if (opcode <= BINARY) take_payload(thread, connection, bytes, part);
        bytes += part, length -= part, connection->frame_rest -= part;
        if (connection->frame_rest) break;
        connection->head_length = 0;
        if (opcode == CLOSING) {
            thread->closed++;
            return;
        }
        if (opcode > BINARY || !(connection->head[0] & FINAL)) continue;
        if (connection->message_length == (uint64_t)options.size) connection->messages++, echoes++;
        else if (connection->messages) thread->errors++;
        connection->message_length = 0;
    }
    if (!echoes) return;
    answers_came(thread, connection->since, echoes);
    connection->pending -= echoes;
    if (connection->pending < 0) thread->errors++, connection->pending = 0;
    if (!connection->pending) answered(thread, connection);
}

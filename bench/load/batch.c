/* bench/load/batch.c — the requests and frames that are sent, made once */
#include "load.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a browser sends when it opens a page: 650 bytes. It names no gzip, so that every server sends the page as
 * it is, and the bodies compare. */
static const char browser_fields[] =
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8\r\n"
    "Accept-Encoding: br, zstd\r\n"
    "Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n"
    "Cache-Control: max-age=0\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Sec-Fetch-Site: none\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-User: ?1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n";

static size_t make_request(char *one, size_t room) {
    return snprintf(one, room, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s%s\r\n", options.path, options.port,
                    options.mode == CLOSE ? "Connection: close\r\n" : "", options.browser ? browser_fields : "");
}

static size_t make_frame(uint8_t *one) {
    static const uint8_t key[4] = {0x37, 0xfa, 0x21, 0x3d};
    uint64_t size = options.size;
    size_t head = 2;
    one[0] = 0x80 | (options.text ? 1 : 2);
    int size_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
    one[1] = 0x80 | (size_bytes == 0 ? size : size_bytes == 2 ? 126 : 127);
    for (int i = size_bytes - 1; i >= 0; i--) one[head++] = size >> 8 * i;
    memcpy(one + head, key, 4), head += 4;
    for (uint64_t i = 0; i < size; i++) one[head + i] = batch.payload[i] ^ key[i & 3];
    return head + size;
}

void make_batch(void) {
    size_t room = options.size + 2048, length;
    char *one = malloc(room);
    batch.payload = malloc(options.size);
    for (int i = 0; i < options.size; i++) batch.payload[i] = 'a' + (i * 7 + i / 26) % 26;
    length = options.mode == ECHO ? make_frame((uint8_t *)one) : make_request(one, room);
    batch.length = length * options.depth;
    batch.bytes = malloc(batch.length);
    for (int i = 0; i < options.depth; i++) memcpy(batch.bytes + i * length, one, length);
    free(one);
}

// Sources/CPage/include/CPage.h — the page at `/`, as bytes of the executable.
#ifndef CPAGE_H
#define CPAGE_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// The first byte of `page.html`, and how many there are.
extern const uint8_t *const cpage_html;
extern const size_t cpage_html_size;

/// The first byte of `page.html.gz`, and how many there are. Written by `packaging/make-page`.
extern const uint8_t *const cpage_gzip;
extern const size_t cpage_gzip_size;

#pragma clang assume_nonnull end

#endif

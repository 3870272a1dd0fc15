// Sources/CPage/CPage.c — embeds the page.

#include "CPage.h"

// `#embed` is of C23, which SwiftPM can only ask for in the whole package; clang has it in all its dialects.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t html[] = {
#embed "page.html"
};

static const uint8_t gzip[] = {
#embed "page.html.gz"
};

const uint8_t *const cpage_html = html;
const size_t cpage_html_size = sizeof html;
const uint8_t *const cpage_gzip = gzip;
const size_t cpage_gzip_size = sizeof gzip;

// Sources/Service/Page.swift — the page at `/`.

import Bytes
import CPage
import HTTP

/// One self-contained document, `Sources/CPage/page.html`. Its tags and fields are in `Page+Generated.swift`.
enum Page {
    /// The page, for the router. Caches keep it and ask each time whether it is still the same.
    static var content: FixedContent {
        FixedContent(
            contentType: "text/html; charset=utf-8", html, tag: tag, gzip: gzip, gzipTag: gzipTag,
            cacheControl: "no-cache", fields: fields)
    }

    // SAFETY: constant arrays of CPage.c, with their own lengths.
    private static var html: StaticBytes { unsafe StaticBytes(unsafeStart: cpage_html, count: cpage_html_size) }
    private static var gzip: StaticBytes { unsafe StaticBytes(unsafeStart: cpage_gzip, count: cpage_gzip_size) }
}

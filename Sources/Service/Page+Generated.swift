// Sources/Service/Page+Generated.swift — what belongs to one version of the page; written by packaging/make-page.

extension Page {
    /// The entity tag of the page as it is.
    static var tag: StaticString { "\"_4RMkVv74qWa0KqQ\"" }

    /// The entity tag of the page gzip-coded.
    static var gzipTag: StaticString { "\"qOLRpB6WZr3hj47b\"" }

    /// Nothing may be loaded or run but the page's own style and script, and nothing connected to but this server.
    static var fields: StaticString {
        """
        Content-Security-Policy: default-src 'none'; \
        style-src 'sha256-jYZWjUVSnlPpJgrNQ5nVCxMnpKkIcL0g+8Morgj/o6g='; \
        script-src 'sha256-lifdRpQrI1C/9gGwb+q1OTtCutDqTILMWbX2ug2rH6I='; \
        connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r
        X-Content-Type-Options: nosniff\r
        Referrer-Policy: no-referrer\r

        """
    }
}

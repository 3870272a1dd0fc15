// Sources/Service/Page+Generated.swift — what belongs to one version of the page; written by packaging/make-page.

extension Page {
    /// The entity tag of the page as it is.
    static var tag: StaticString { "\"8jHYV1sCSBlrb4uX\"" }

    /// The entity tag of the page gzip-coded.
    static var gzipTag: StaticString { "\"NcJVouNcHTnSlNHq\"" }

    /// Nothing may be loaded or run but the page's own style and script, and nothing connected to but this server.
    static var fields: StaticString {
        """
        Content-Security-Policy: default-src 'none'; \
        style-src 'sha256-WrZWHcyLruWt+AaxJuuIkGV3dCAUkYgQsfFmUO8rssE='; \
        script-src 'sha256-pkDs/os/GuAw805EUC/ajsgEEiBwYSavp0h06PqJUsM='; \
        connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r
        X-Content-Type-Options: nosniff\r
        Referrer-Policy: no-referrer\r

        """
    }
}

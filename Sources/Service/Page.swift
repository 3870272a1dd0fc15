// Sources/Service/Page.swift — the page at `/`.

/// One self-contained document: no request to anywhere else.
enum Page {
    static let html: StaticString = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>async-nostd</title>
        <style>
        :root { color-scheme: light dark; --ink: #1c2330; --paper: #fbfaf7; --rule: #d9d5cb; --accent: #b4451f }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e6e3dc; --paper: #14171d; --rule: #30353f; --accent: #ff9a6c }
        }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.6 ui-monospace, Menlo, monospace }
        main { max-width: 44rem; margin: 12vh auto; padding: 0 1.5rem }
        h1 { font-size: 1.6rem; margin: 0 0 .5rem }
        h1 span { color: var(--accent) }
        p { margin: .6rem 0 }
        ul { list-style: none; margin: 2rem 0 0; padding: 0; border-top: 1px solid var(--rule) }
        li { padding: .5rem 0; border-bottom: 1px solid var(--rule) }
        a { color: var(--accent) }
        </style>
        </head>
        <body>
        <main>
        <h1>async<span>-</span>nostd</h1>
        <p>Swift <code>async</code>/<code>await</code> on raw Linux system calls: no libc, no Swift runtime library.</p>
        <ul>
        <li><a href="/healthz">/healthz</a> says whether the server is well</li>
        <li><a href="/metrics">/metrics</a> counts what it does</li>
        </ul>
        </main>
        </body>
        </html>

        """
}

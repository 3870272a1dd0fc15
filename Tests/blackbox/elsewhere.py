# Tests/blackbox/elsewhere.py — a second web server, on a port of its own: to a browser, another origin

import http.server
import threading


class Elsewhere:
    """Answers every GET with an empty page, and remembers the paths. To be used in a `with`."""

    def __init__(self, ip="127.0.0.1"):
        self.paths = paths = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                paths.append(self.path)
                page = b"<!doctype html><link rel=icon href=data:,><title>elsewhere</title>"
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_):
                """Says nothing: the report is the tests'."""

        self.server = http.server.ThreadingHTTPServer((ip, 0), Handler)
        self.origin = f"http://{ip}:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

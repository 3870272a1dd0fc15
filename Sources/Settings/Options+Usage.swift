// Sources/Settings/Options+Usage.swift — what `--help` and `--version` print.

import Utilities

extension Options {
    /// The text of `--help`, with its last line feed.
    public static let usage: StaticString = """
        Usage: async-nostd [WORKERS] [IP] [PORT] [OPTION...]
        Serve HTTP/1.1 and WebSocket from an async runtime on bare Linux system calls.

          WORKERS                0 to 256 threads; 0: one for every CPU (default 0)
          IP                     IPv4 or IPv6 address, unix:/PATH or unix:@NAME (default 0.0.0.0)
          PORT                   0 to 65535; 0: any that is free (default 8000)

          --reactor epoll|ppoll  system call that workers wait in (default epoll)
          --accept workers|thread
                                 who accepts connections (default workers)
          --log-file PATH        - for standard error, off for none (default /tmp/async-nostd.log)
          --log-level LEVEL      error, warning, info or debug (default info)
          --origins LIST         web pages that may open WebSockets, as "https://a.example https://b.example"
                                 (default: all)
          --set NAME=VALUE       change a limit, once or more:
                                 idleTimeout=1min  requestTimeout=20s  writeTimeout=30s  drainTimeout=20s
                                 pingInterval=30s  pingTimeout=30s  closeTimeout=5s
                                 maxMessage=16M  maxFrame=16M  maxConnections=1048576  heapLimit=1G
          -h, --help             print this help
          -V, --version          print the version
          --                     no options after this

        Times are in ms, s, min or h; sizes are in bytes, K, M or G.

        """

    /// Appends the line of `--version`, with its line feed.
    public static func writeVersion(into writer: inout ByteWriter) {
        writer.write("async-nostd ")
        writer.write(Config.version)
        writer.write("\n")
    }
}

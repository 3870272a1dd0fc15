// Sources/Settings/Usage.swift — what `--help` and `--version` print.

import Bytes

/// Texts for the person who started the program.
public enum Usage {
    /// Writes the text of `--help`, with its last line feed.
    @_optimize(size)
    public static func write(for program: ProgramDefaults, to output: (borrowing Span<UInt8>) -> Void) {
        var text = Text()
        text.add("Usage: ")
        text.add(program.name)
        text.add(beforeLogFile)
        text.add(" ")
        if program.usesLogsDirectory { text.add("$LOGS_DIRECTORY/async-nostd.log, else ") }
        text.add(Config.logFilePath)
        text.add(beforeFile)
        text.add(" ")
        text.add(program.configurationFile ?? "none")
        text.add(afterFile)
        output(text.bytes.span)
    }

    /// Appends the line of `--version`, with its line feed.
    public static func writeVersion(of program: ProgramDefaults, into writer: inout ByteWriter) {
        writer.write(program.name)
        writer.write(" ")
        writer.write(Config.version)
        writer.write("\n")
    }
}

private let beforeLogFile: StaticString = """
     [WORKERS] [IP] [PORT] [OPTION...]
    Serve HTTP/1.1 and WebSocket from an async runtime on bare Linux system calls.

      WORKERS                0 to 256 threads; 0: one for every CPU (default 0)
      IP                     IPv4 or IPv6 address, unix:/PATH or unix:@NAME (default 0.0.0.0)
      PORT                   0 to 65535; 0: any that is free (default 8000)

      --reactor auto|io_uring|epoll|ppoll
                             how workers wait and move bytes; auto: io_uring where the
                             kernel allows it, else epoll (default auto)
      --accept workers|thread
                             who accepts connections (default workers)
      --log-file PATH        - for standard error, off for none
                             (default
    """

private let beforeFile: StaticString = """
    )
      --log-level LEVEL      error, warning, info or debug (default info)
      --origins LIST         web pages that may open WebSockets, as "https://a.example https://b.example"
                             (default: all)
      --set NAME=VALUE       change a setting, once or more:
                             idleTimeout=1min  requestTimeout=20s  writeTimeout=30s  drainTimeout=20s
                             pingInterval=30s  pingTimeout=30s  closeTimeout=5s  closeSpread=0s
                             maxMessage=16M  maxFrame=16M  maxConnections=1048576  heapLimit=1G
                             maxRequestTarget=8K  maxRequestHead=16K  maxHeaderFields=100
                             maxRequestBody=1G  lingerTimeout=5s  listen=LIST  adminListen=LIST
                             adminRoutes=everywhere|metrics|admin  accessLog=tag|combined|off
                             logTruncate=yes|no  logJournal=yes|no
      --config PATH          read settings from this file, then from PATH.d/*.conf
                             (default
    """

private let afterFile: StaticString = """
    )
      --check-config         say whether the settings are right, and end: status 0, or 78 if they are not
      --print-config         print the settings in effect, as a file for --config, and end
      -h, --help             print this help
      -V, --version          print the version
      --                     no options after this

    Any setting can be in the environment too, as ASYNC_NOSTD_IDLE_TIMEOUT=30s.
    Times are in ms, s, min or h; sizes are in bytes, K, M or G; a LIST has spaces between its items.

    """

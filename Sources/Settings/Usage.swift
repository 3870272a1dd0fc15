// Sources/Settings/Usage.swift — what `--help` and `--version` print.

import Bytes

/// Texts for the person who started the program.
package enum Usage {
    /// Writes the text of `--help`, with its last line feed.
    @_optimize(size)
    package static func write(for program: ProgramDefaults, to output: (borrowing Span<UInt8>) -> Void) {
        var text = Text()
        text.add("Usage: ")
        text.add(program.name)
        text.add(beforeLogFile)
        text.add(" ")
        if program.usesLogsDirectory { text.add("$LOGS_DIRECTORY/async-nostd.log, else ") }
        text.add(Config.logFilePath)
        text.add(beforeSettings)
        addSettings(to: &text)
        text.add(beforeFile)
        text.add(" ")
        text.add(program.configurationFile ?? "none")
        text.add(afterFile)
        output(text.bytes.span)
    }

    /// Appends the settings that have no option and no operand: `idleTimeout=1min`, in lines.
    @_optimize(size)
    private static func addSettings(to text: inout Text) {
        var defaults = Settings()
        var column = 0
        for number in 0..<Key.count where !settingsTable[number].key.hasOption && Key(number: number) != Key("Workers")
        {
            let key = settingsTable[number].key
            var item = Text()
            key.writeName(for: .commandLine, into: &item)
            item.add("=")
            switch key.kind {
            case .number: key.kind.write(settingsTable[number].value(in: &defaults), into: &item)
            case .choice(let words): ValueKind.write(words, "|", last: "|", into: &item)
            case .flag: item.add("yes|no")
            default: item.add("LIST")
            }
            let isFirst = column == 0 || column + 2 + item.bytes.count > Config.usageColumns
            text.add(isFirst ? margin : "  ")
            text.add(item.bytes.span)
            column = (isFirst ? margin.utf8CodeUnitCount - 1 : column + 2) + item.bytes.count
        }
        text.add("\n")
    }

    /// Appends the line of `--version`, with its line feed.
    package static func writeVersion(of program: ProgramDefaults, into writer: inout ByteWriter) {
        writer.append(program.name)
        writer.append(" ")
        writer.append(Config.version)
        writer.append("\n")
    }
}

/// Begins a line of what belongs to an option.
private let margin: StaticString = "\n                         "

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

private let beforeSettings: StaticString = """
    )
      --log-level LEVEL      error, warning, info or debug (default info)
      --origins LIST         web pages that may open WebSockets, as "https://a.example https://b.example"
                             (default: all)
      --set NAME=VALUE       change a setting, once or more:
    """

private let beforeFile: StaticString = """
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

// Sources/Settings/Configuration+Printing.swift — the effective settings as a file.

import Bytes

extension Configuration {
    /// Writes the settings as a file that sets them all; above each that is no default stands where it was set.
    ///
    /// Reading the text gives the same settings. Cost: `output` is called once.
    @_optimize(size)
    public func write(to output: (borrowing Span<UInt8>) -> Void) {
        var text = Text()
        text.add { line in
            line.write("# ")
            line.write(program.name)
            line.write(" ")
            line.write(Config.version)
            line.write(": the settings in effect\n")
        }
        for number in 0..<Key.count {
            let key = Key(number: number)
            if number == 0 || Key(number: number - 1).section != key.section {
                text.add { line in
                    line.write("\n[")
                    line.write(key.section.name)
                    line.write("]\n")
                }
            }
            if case .defaults = source(of: key) {
            } else {
                text.add { line in
                    line.write("# ")
                    source(of: key).write(files, into: &line)
                    line.write("\n")
                }
            }
            text.add(key.name)
            text.add("=")
            settings.write(key, into: &text)
            text.add("\n")
        }
        output(text.bytes.span)
    }
}

// Sources/Settings/ConfigurationPrinter.swift — the effective settings as a file.

import Bytes
import Linux

extension Configuration {
    /// Writes the settings as a file that sets them all; above each that is no default stands where it was set.
    ///
    /// Reading the text gives the same settings. Cost: `output` is called once.
    package mutating func write(to output: (borrowing Span<UInt8>) -> Void) {
        var none = NoSections()
        ConfigurationPrinter.write(&self, &none, to: output)
    }
}

/// Writes a configuration.
enum ConfigurationPrinter {
    /// Writes the settings and then `sections`.
    @_optimize(size)
    static func write<Sections: SectionCollector>(
        _ configuration: inout Configuration, _ sections: inout Sections, to output: (borrowing Span<UInt8>) -> Void
    ) {
        var text = Text()
        text.add("# ")
        text.add(configuration.program.name)
        text.add(" ")
        text.add(Config.version)
        text.add(": the settings in effect\n")
        for number in 0..<Key.count {
            let key = Key(number: number)
            if let section = key.spec.section, number == 0 || settingsTable[number - 1].key.section != section {
                text.add("\n[")
                text.add(section.name)
                text.add("]\n")
            }
            write(
                key.binding, of: &configuration.settings, from: configuration.source(of: key), configuration.files,
                into: &text)
        }
        sections.write(configuration.files, into: &text)
        output(text.bytes.span)
    }

    /// Appends `Key=value` as a line, and above it, if it is no default, where it was set.
    @_optimize(size)
    static func write<Target>(
        _ binding: KeyBinding<Target>, of target: inout Target, from source: Source, _ files: [Path],
        into text: inout Text
    ) {
        if case .defaults = source {
        } else {
            text.add("# ")
            source.write(files, into: &text)
            text.add("\n")
        }
        text.add(binding.key.name)
        text.add("=")
        binding.key.kind.write(binding.value(in: &target), into: &text)
        text.add("\n")
    }
}

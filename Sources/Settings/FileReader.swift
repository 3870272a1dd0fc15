// Sources/Settings/FileReader.swift — which files there are, and in which order they count.

import Bytes
import Linux

/// Reads the files of a configuration.
enum FileReader {
    /// Reads the main file and then `*.conf` of the directory that has its name and `.d`, in the order of the names'
    /// bytes.
    ///
    /// - Parameter named: the file of `--config`, which must exist; nil: the executable's own, which may be missing, as
    ///   the directory always may.
    @_optimize(size)
    static func read<Sections: SectionCollector>(
        named: Path?, into configuration: inout Configuration, _ sections: inout Sections
    ) {
        var main = Text()
        if let named {
            main.add(named.bytes)
        } else {
            guard let file = configuration.program.configurationFile else { return }
            main.add(file)
        }
        readFile(main, mayBeMissing: named == nil, into: &configuration, &sections)
        main.add(".d")
        guard let directory = Path(main.bytes.span) else {
            return configuration.problems.refuse(main, "the path is too long")
        }
        var names = SortedNames()
        do throws(Errno) {
            try File.forEachName(in: directory) { names.insert($0) }
        } catch {
            if error != .noSuchFileOrDirectory { configuration.problems.refuse(main, error) }
            return
        }
        if names.overflowed {
            configuration.problems.begin(.elsewhere)
            configuration.problems.text.add(escaping: main.bytes.span)
            configuration.problems.text.add(": too many files; at most ")
            configuration.problems.text.add(decimal: Config.maxDropIns)
            configuration.problems.text.add(" are allowed")
            configuration.problems.end()
        }
        main.add("/")
        for index in 0..<names.count {
            var file = main
            let name = names[index]
            file.add(name.span)
            readFile(file, mayBeMissing: false, into: &configuration, &sections)
        }
    }

    /// Reads one file.
    @_optimize(size)
    @inline(never)
    private static func readFile<Sections: SectionCollector>(
        _ name: Text, mayBeMissing: Bool, into configuration: inout Configuration, _ sections: inout Sections
    ) {
        guard let path = Path(name.bytes.span) else {
            return configuration.problems.refuse(name, "the path is too long")
        }
        do throws(Errno) {
            // One byte more tells a file of the greatest size from a larger one.
            let text = try File.read(path, limit: Config.maxConfigurationFile + 1)
            guard text.count <= Config.maxConfigurationFile else {
                return configuration.problems.refuse(name, "larger than 1 MiB")
            }
            configuration.files.append(path)
            FileParser.parse(text.span, into: &configuration, &sections)
        } catch {
            if mayBeMissing && error == .noSuchFileOrDirectory { return }
            configuration.problems.refuse(name, error)
        }
    }
}

extension Problems {
    /// Adds what is wrong with the file `name`.
    @inline(never)
    fileprivate mutating func refuse(_ name: Text, _ reason: StaticString) {
        begin(.elsewhere)
        text.add(escaping: name.bytes.span)
        text.add(": ")
        text.add(reason)
        end()
    }

    /// Adds why the file `name` cannot be read.
    @inline(never)
    fileprivate mutating func refuse(_ name: Text, _ error: Errno) {
        begin(.elsewhere)
        text.add(escaping: name.bytes.span)
        text.add(": cannot be read: ")
        text.add(error.text)
        text.add(" (")
        text.add(error.name)
        text.add(")")
        end()
    }
}

// Sources/Settings/Configuration+Files.swift — which files there are, and in which order they count.

import Bytes
import Linux

extension Configuration {
    /// Reads the main file and then `*.conf` of the directory that has its name and `.d`, in the order of the names'
    /// bytes.
    ///
    /// - Parameter named: the file of `--config`, which must exist; nil: the executable's own, which may be missing, as
    ///   the directory always may.
    @_optimize(size)
    mutating func readFiles(named: Path?) {
        var main = Text()
        if let named {
            main.add(named.bytes)
        } else {
            guard let file = program.configurationFile else { return }
            main.add(file)
        }
        readFile(main, mayBeMissing: named == nil)
        main.add(".d")
        guard let directory = Path(main.bytes.span) else { return refuse(main, "the path is too long") }
        var names = SortedNames()
        do throws(Errno) {
            try File.forEachName(in: directory) { names.insert($0) }
        } catch {
            if error != .noSuchFileOrDirectory { refuse(main, error) }
            return
        }
        if names.overflowed {
            problems.add { line in
                line.append(escaping: main.bytes.span, keepingSpaces: true)
                line.write(": too many files; at most ")
                line.write(decimal: Config.maxDropIns)
                line.write(" are allowed")
            }
        }
        main.add("/")
        for index in 0..<names.count {
            var file = main
            let name = names[index]
            file.add(name.span)
            readFile(file, mayBeMissing: false)
        }
    }

    /// Reads one file.
    @_optimize(size)
    private mutating func readFile(_ name: Text, mayBeMissing: Bool) {
        guard let path = Path(name.bytes.span) else { return refuse(name, "the path is too long") }
        do throws(Errno) {
            // One byte more tells a file of the greatest size from a larger one.
            let text = try File.read(path, limit: Config.maxConfigurationFile + 1)
            guard text.count <= Config.maxConfigurationFile else { return refuse(name, "larger than 1 MiB") }
            files.append(path)
            parse(text.span, file: files.count - 1)
        } catch {
            if mayBeMissing && error == .noSuchFileOrDirectory { return }
            refuse(name, error)
        }
    }

    @inline(never)
    private mutating func refuse(_ name: Text, _ reason: StaticString) {
        problems.add { line in
            line.append(escaping: name.bytes.span, keepingSpaces: true)
            line.write(": ")
            line.write(reason)
        }
    }

    @inline(never)
    private mutating func refuse(_ name: Text, _ error: Errno) {
        problems.add { line in
            line.append(escaping: name.bytes.span, keepingSpaces: true)
            line.write(": cannot be read: ")
            line.append(error.text)
            line.write(" (")
            line.append(error.name)
            line.write(")")
        }
    }
}

/// Names that end with `.conf` and do not begin with a dot, in the order of their bytes.
struct SortedNames {
    private var names: [[UInt8]] = []
    /// Whether there were more than `Config.maxDropIns`.
    private(set) var overflowed = false

    /// How many there are.
    var count: Int { names.count }

    /// Takes `name` in at its place, if it is one of a configuration file.
    @_optimize(size)
    mutating func insert(_ name: borrowing Span<UInt8>) {
        guard name.count > 5, name[0] != UInt8(ascii: "."), name.extracting(last: 5).spells(".conf") else { return }
        guard names.count < Config.maxDropIns else {
            overflowed = true
            return
        }
        var index = names.count
        while index > 0 {
            let other = names[index - 1]
            guard name.precedes(other.span) else { break }
            index -= 1
        }
        var text = Text()
        text.add(name)
        names.insert(text.bytes, at: index)
    }

    /// Name `index`, `0..<count`.
    subscript(index: Int) -> [UInt8] { names[index] }
}

extension Span where Element == UInt8 {
    /// Whether it comes before `other` in the order of the bytes.
    fileprivate func precedes(_ other: borrowing Span<UInt8>) -> Bool {
        var index = 0
        while index < count, index < other.count {
            if self[index] != other[index] { return self[index] < other[index] }
            index += 1
        }
        return count < other.count
    }
}

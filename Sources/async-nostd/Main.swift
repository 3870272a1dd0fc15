// Sources/async-nostd/Main.swift — the freestanding executable.

import Linux
import Service

@main
enum Main {
    static func main() { Process.exit(Program.run()) }
}

// Sources/async-nostdd/Main.swift — the program `async-nostdd`.

import Daemon
import Linux

@main
enum Main {
    static func main() { Process.exit(Daemon.run()) }
}

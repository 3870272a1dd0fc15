// Tests/Freestanding/check-threads/Main.swift — threads, panics, slots, and the runtime on them.

import CheckSupport

@main enum Main {
    static func main() {
        // Children before threads: a copy of this process begins as it did itself.
        limitTime(seconds: 20)
        checkStackOverflow()
        checkPanics()
        checkStackSizes()
        checkImmortality()
        checkSharedReferences()
        checkWorkersByNumber()
        checkSlots()
        checkRuntimes()
        checkTaskHandles()
        checkSleeping()
        Crowd.run()
        finish()
    }
}

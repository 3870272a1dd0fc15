// Tests/Freestanding/check-channels/Main.swift — what tasks on different workers share, on 1, 2, 4 and 8 workers.

import CheckSupport

@main enum Main {
    static func main() {
        limitTime(seconds: 25)
        resumedTwice()
        givenBackTwice()
        for workers in [1, 2, 4, 8] {
            wakesFromAnyThread(workers: workers)
            withRuntime(workers: workers, "channels, semaphores and mutexes work between workers") {
                await inOrder()
                await crowds()
                await sequences()
                await uncopyableElements()
                await cancelledWaits()
                await cancellationMeetsElement()
                await finishDuringWaits()
                await semaphores()
                await mutexes()
                await resumedByOne()
            }
        }
        finish()
    }
}

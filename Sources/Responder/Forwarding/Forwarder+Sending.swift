import EventLoop
import ForwardProtocol
import Glibc
import Logging
import Records

extension Forwarder {
    /// At the end of each tick: all records of the tick in one frame and one write.
    func flush() {
        while isReady, output.isEmpty, let frame = state.takeFrame(sentMilliseconds: WallClock.nowMilliseconds()) {
            send(frame)
        }
    }

    func send(_ bytes: [UInt8]) {
        if output.isEmpty { output = bytes } else { output += bytes }
        resumeSending()
    }

    func resumeSending() {
        while let descriptor, outputStart < output.count {
            let count = output.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[outputStart...])
                return Glibc.send(descriptor, rest.baseAddress, rest.count, CInt(MSG_NOSIGNAL))
            }
            if count >= 0 {
                outputStart += count
            } else if errno == EAGAIN {
                return watchForWriting(true)
            } else if errno != EINTR {
                return disconnect()
            }
        }
        output.removeAll(keepingCapacity: true)
        outputStart = 0
        watchForWriting(false)
    }

    /// Being told that a socket is writable costs a wake-up for everything the aggregator reads, so it is asked for only
    /// while something waits to be written.
    func watchForWriting(_ isWanted: Bool) {
        guard let descriptor, isWanted != isWatchedForWriting else { return }
        isWatchedForWriting = isWanted
        loop.unwatch(descriptor)
        do {
            try watch(descriptor, for: isWanted ? .readingAndWriting : .reading)
        } catch {
            log("watch", "aggregator at \(path): \(error); reconnecting")
            disconnect()
        }
    }

    // MARK: Timers

    func scheduleDeadline(nowMilliseconds now: Int64) {
        guard !hasDeadlineTimer, let next = state.nextDeadlineMilliseconds else { return }
        hasDeadlineTimer = true
        loop.schedule(afterMilliseconds: Int(max(0, next - now))) {
            self.onLoop { $0.deadlineTimerFired() }
        }
    }

    private func deadlineTimerFired() {
        hasDeadlineTimer = false
        let now = MonotonicClock.nowMilliseconds()
        expire(nowMilliseconds: now)
        scheduleDeadline(nowMilliseconds: now)
    }

    func expire(nowMilliseconds now: Int64) {
        let expired = state.expire(nowMilliseconds: now)
        for resolution in expired { resolution.waiter(resolution.fate) }
        // With the aggregator away that has been told already.
        if !expired.isEmpty, isReady {
            let records = expired.count == 1 ? "a record" : "\(expired.count) records"
            log("deadline", "aggregator at \(path) did not answer in time for \(records); is it stuck?")
        }
    }

    func scheduleTally() {
        loop.schedule(afterMilliseconds: Self.tallyIntervalMilliseconds) {
            self.onLoop { forwarder in
                forwarder.sendTally()
                forwarder.sendStatus()
                if !forwarder.isStopped { forwarder.scheduleTally() }
            }
        }
    }

    func sendTally() {
        guard isReady, output.isEmpty, let entries = tally.take() else { return }
        for start in stride(from: 0, to: entries.count, by: Self.entriesPerFrameMax) {
            send(ResponderFrame.encodeAnswers(Array(entries[start...].prefix(Self.entriesPerFrameMax))))
        }
    }

    private func sendStatus() {
        guard isReady, output.isEmpty, var figures = figures?() else { return }
        figures[.recordsInFlight] = UInt64(state.inFlightCount)
        let now = WallClock.nowMilliseconds()
        send(ResponderFrame.encodeStatus(ResponderStatus(timeMilliseconds: now, figures: figures)))
    }

    func log(_ kind: String, _ message: String) {
        logLimiter.log(kind, message, to: logger, nowMilliseconds: MonotonicClock.nowMilliseconds())
    }
}

import Glibc

extension EventLoop {
    /// Runs the loop on a thread of its own until ``stop()``.
    public nonisolated func startThread() throws(SystemError) {
        var thread = pthread_t()
        let loop = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<EventLoop>.fromOpaque(pointer).takeRetainedValue().run()
                return nil
            }, loop.toOpaque())
        guard code == 0 else {
            loop.release()
            throw SystemError("pthread_create", code: code)
        }
        pthread_detach(thread)
    }
}

import TestSupport
import Testing

/// Real nginx, real responder, real aggregator, real sockets. One at a time: each starts processes of its own.
@Suite("Integration", .serialized, .timeLimit(.minutes(FaultRun.minutesMax)))
enum IntegrationTests {}

import Testing

/// One after the other: there is one simulated disk in a process.
@Suite("The whole way of a record, simulated", .serialized)
struct SimulationTests {}

/// The byte after a frame's length. Responders speak below 128, aggregators from 128 on.
enum FrameType: UInt8 {
    case hello = 1
    /// Of versions 1 to 3.
    case untimedRecords = 2
    /// Of versions 1 and 2.
    case tally = 3
    case status = 4
    case answers = 5
    case forget = 6
    case records = 7
    case welcome = 129
    case committed = 130
    case refused = 131
    case closing = 132
    case forgotten = 133
    case erasing = 134
}

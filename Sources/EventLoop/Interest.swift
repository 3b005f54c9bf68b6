import CLinux

/// What a watched descriptor is watched for. Its peer's closing is always told.
public enum Interest: Sendable {
    case reading
    case readingAndWriting

    var events: UInt32 {
        let reading = EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        return switch self {
        case .reading: reading
        case .readingAndWriting: reading | EPOLLOUT.rawValue
        }
    }
}

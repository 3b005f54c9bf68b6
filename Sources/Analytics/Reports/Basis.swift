/// Whom a report counts in a range of time.
public enum Basis: String, Codable, Sendable, CaseIterable {
    /// Visitors whose first exposure lies in it, with what they did within the window. Ranges add up.
    case cohort
    /// Visitors seen, and visitors converting, on each of its days, whenever they were exposed first. One who comes on two
    /// days counts on both.
    case activity
}

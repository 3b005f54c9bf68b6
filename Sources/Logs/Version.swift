/// The version of this project's programs.
public enum Version {
    public static let current = "0.1.0"
}

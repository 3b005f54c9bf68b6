import ConfigurationFile
import Glibc

extension KeyFile {
    /// What is risky about who may get at the file: everybody may read a secret, or somebody besides its owner may put
    /// a key of theirs in its place. A public key may be written by its group, which then is trusted with it.
    ///
    /// Says nothing of a file that is not there: whoever reads it does.
    func permissionWarnings(holdsSecret: Bool) -> [ConfigurationError] {
        var status = stat()
        guard stat(path, &status) == 0 else { return [] }
        let mode = status.st_mode
        var warnings: [ConfigurationError] = []
        if holdsSecret, mode & S_IROTH != 0 {
            warnings.append(error("holds a secret that every user of this machine may read: run 'chmod o-r \(path)'"))
        }
        if mode & S_IWOTH != 0 {
            warnings.append(error("may be replaced by every user of this machine: run 'chmod go-w \(path)'"))
        } else if holdsSecret, mode & S_IWGRP != 0 {
            warnings.append(error("holds a secret that its group may replace: run 'chmod g-w \(path)'"))
        }
        return warnings
    }
}

extension ConfigurationReader {
    /// Who may use a Unix socket, by the keys that say so; each may be missing.
    mutating func access(mode: Entry?, owner: Entry?, group: Entry?) -> SocketAccess {
        let access = permissions(mode: mode, owner: owner, group: group)
        warn(ofEverybody: access, mode, remedy: "")
        return access
    }

    /// The same where those who connect may be told apart.
    mutating func access(mode: Entry?, owner: Entry?, group: Entry?, allowedPeers: Entry?) -> SocketAccess {
        var access = permissions(mode: mode, owner: owner, group: group)
        access.allowedPeers =
            allowedPeers.flatMap { entry in
                members(entry, "a list of user names, such as [www-data]") { reader, element in
                    reader.account(element, "the name of a user, such as www-data")
                }
            } ?? []
        warn(ofEverybody: access, mode, remedy: ", or name those who may in `allowedPeers`")
        return access
    }

    private mutating func permissions(mode: Entry?, owner: Entry?, group: Entry?) -> SocketAccess {
        var access = SocketAccess()
        access.mode = self.mode(mode) ?? access.mode
        access.owner = owner.flatMap { account($0, "the name of a user, such as rule-outcomes") }
        access.group = group.flatMap { account($0, "the name of a group, such as www-data") }
        return access
    }

    /// Warns of a socket that everybody may connect to. To connect takes permission to write: unix(7).
    private mutating func warn(ofEverybody access: SocketAccess, _ mode: Entry?, remedy: String) {
        guard let mode, access.mode & 0o002 != 0, access.allowedPeers.isEmpty else { return }
        warn(
            mode.valueLine,
            "\(mode.title) lets every user of this machine connect: take that from others, as \"0660\" does\(remedy)")
    }

    /// Permission bits, which are octal however they are written: `"0660"`, `0660`, `660` or `0o660`.
    private mutating func mode(_ entry: Entry?) -> UInt16? {
        let expected = "octal permission bits from \"0000\" to \"0777\", such as \"0660\""
        guard let entry, let text = text(entry, expected) else { return nil }
        let digits = text.hasPrefix("0o") ? text.dropFirst(2) : text[...]
        guard (3...4).contains(digits.utf8.count), digits.utf8.allSatisfy(isDigit), let mode = UInt16(digits, radix: 8),
            mode <= 0o777
        else {
            note(entry, mustBe: expected, "not \(text.shown)")
            return nil
        }
        return mode
    }

    /// The name of a user or a group. Whether there is one is known only where the socket is opened.
    private mutating func account(_ entry: Entry, _ expected: String) -> String? {
        guard let text = text(entry, expected) else { return nil }
        let bytes = text.utf8
        guard bytes.count <= 32, bytes.allSatisfy({ isNameByte($0) }), !bytes.allSatisfy(isDigit), !text.hasPrefix("-")
        else {
            note(entry, mustBe: expected, "not \(text.shown)")
            return nil
        }
        return text
    }
}

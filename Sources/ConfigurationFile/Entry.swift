import Yams

/// One key as it was written, and its value. A list's elements are entries too, under the key of the list.
struct Entry {
    let key: String
    /// What an error calls it: `` `accept` ``, or `` each of `accept` `` for an element.
    private(set) var title: String
    /// The line of the key.
    let line: Int?
    let value: Node

    init(key: String, line: Int?, value: Node) {
        self.key = key
        title = key.shown
        self.line = line
        self.value = value
    }

    /// An element of the list that is the value of `list`.
    init(elementOf list: Entry, _ value: Node) {
        key = list.key
        title = "each of \(list.title)"
        line = list.valueLine
        self.value = value
    }

    /// The same entry under what an error is to call it.
    func titled(_ title: String) -> Entry {
        var entry = self
        entry.title = title
        return entry
    }

    /// The line that the value begins on, which for an alias is where the value was written out.
    var valueLine: Int? {
        value.mark?.line ?? line
    }
}

extension ConfigurationReader {
    /// The value of `origins`: a list, or `any`.
    mutating func origins(_ entry: Entry) -> SiteConfiguration.Origins? {
        let expected = "a list of origins, such as [https://www.example.com], or `any`"
        if case .scalar(let scalar) = entry.value, !scalar.isMissing {
            if scalar.string == "any" { return .any }
            note(entry, mustBe: expected, "not \(scalar.string.shown)")
            return nil
        }
        return members(entry, expected) { reader, element in reader.origin(element) }.map { .list(Set($0)) }
    }

    private mutating func origin(_ entry: Entry) -> String? {
        let expected = "an origin as browsers send it, such as `https://www.example.com`, or `null`"
        guard let text = text(entry, expected) else { return nil }
        if text == "null" { return text }
        if text.contains("*") || text == "any" {
            note(entry, mustBe: expected, "without wildcards; `origins: any`, without a list, lets every page call")
            return nil
        }
        guard let origin = Origin(lenient: text) else {
            note(entry, mustBe: expected, "not \(text.shown)")
            return nil
        }
        guard origin.serialised == text else {
            note(entry, mustBe: expected, "so write \(origin.serialised.shown), not \(text.shown)")
            return nil
        }
        return text
    }
}

import FastCGI

/// The methods that the endpoint knows.
enum Method {
    case post
    case options

    init(_ parameters: Parameters) throws(Refusal) {
        switch parameters.text("REQUEST_METHOD") {
        case "POST": self = .post
        case "OPTIONS": self = .options
        case let other: throw .methodNotAllowed(other ?? "")
        }
    }
}

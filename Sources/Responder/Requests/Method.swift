/// The methods that the endpoint knows.
enum Method {
    case post
    case options

    init(_ parameters: borrowing RequestParameters) throws(Refusal) {
        switch parameters.method {
        case let method? where method.reads("POST"): self = .post
        case let method? where method.reads("OPTIONS"): self = .options
        case let method: throw .methodNotAllowed(method?.text ?? "")
        }
    }
}

/// Why a connection is closed without its request being looked at.
enum RequestRefusal: String, Sendable {
    case notFastCGI = "what arrives is not FastCGI 1"
    case malformedBegin = "its begin record is malformed"
    case notForResponder = "it asks for a FastCGI role other than responder"
    case unexpectedRecord = "it holds a FastCGI record that has no place there"
    case foreignRequestID = "it holds a FastCGI record of another request"
    case unskippedPadding = "it pads a record whose padding libfcgi would take for records"
    case malformedParameters = "its parameters do not end where their lengths say"
    case tooLong = "it is longer than a request may be"
    case tooSlow = "it did not arrive whole in time; is fastcgi_request_buffering on?"
    case libraryRefused = "libfcgi could not read it"
    case cutShort = "its body ends before its end-of-stream record"
}

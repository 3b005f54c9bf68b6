import CCurl

/// One request under way: curl's handle for it, and what has come of the answer. It stays on the client's thread.
final class Transfer {
    let order: Order
    let handle: UnsafeMutableRawPointer
    /// What curl reads while the request is under way.
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private var body: [UInt8] = []
    private var isSent = false

    var isCancelled: Bool { order.cancellation.isRequested.load(ordering: .relaxed) }

    init(_ order: Order, _ options: HTTPClient.Options) throws(HTTPFailure) {
        guard let handle = curl_easy_init() else { throw HTTPFailure(CURLE_OUT_OF_MEMORY) }
        self.order = order
        self.handle = handle
        try prepare(options)
        try prepare(order.request)
        try watch()
    }

    deinit {
        curl_easy_cleanup(handle)
        for list in lists { curl_slist_free_all(list) }
    }

    private func prepare(_ options: HTTPClient.Options) throws(HTTPFailure) {
        // Signals are the process's: without this curl would set an alarm to end the looking up of a name.
        try set(CURLOPT_NOSIGNAL, 1)
        // A name server that does not answer takes no more than the time for connecting: nobody waits for its thread.
        try set(CURLOPT_QUICK_EXIT, 1)
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_PROXY, "")
        try set(CURLOPT_PATH_AS_IS, 1)
        try set(CURLOPT_CONNECTTIMEOUT, options.connectTimeoutSeconds)
        try set(CURLOPT_HTTP_VERSION, Int(options.offersHTTP2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1))
        // Requests that come at once share an HTTP/2 connection, and do not open one each before they know.
        try set(CURLOPT_PIPEWAIT, options.offersHTTP2 ? 1 : 0)
        if let address = options.address { try set(CURLOPT_CONNECT_TO, list: ["::\(address):"]) }
        if let authorities = options.authorities {
            try set(CURLOPT_CAINFO, authorities)
            try check(curl_set_pointer(handle, CURLOPT_CAPATH, nil))
        }
        if !options.verifiesCertificates {
            try set(CURLOPT_SSL_VERIFYPEER, 0)
            try set(CURLOPT_SSL_VERIFYHOST, 0)
        }
    }

    private func prepare(_ request: HTTPRequest) throws(HTTPFailure) {
        try set(CURLOPT_URL, request.url)
        if let socket = request.socket { try set(CURLOPT_UNIX_SOCKET_PATH, socket) }
        try set(CURLOPT_TIMEOUT, request.timeoutSeconds)
        // Otherwise curl would wait for the body that Content-Length tells of.
        if request.method == "HEAD" { try set(CURLOPT_NOBODY, 1) }
        if let body = request.body {
            try check(curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
            // The last byte is not sent. It is there for the address of an empty body, without which curl would read
            // standard input.
            try check((body + [0]).withUnsafeBytes { curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) })
        }
        try set(CURLOPT_CUSTOMREQUEST, request.method)
        try set(CURLOPT_HTTPHEADER, list: try Self.lines(request.headers))
    }

    /// The headers as curl takes them, and for each that it would add of its own an order not to.
    private static func lines(_ headers: HTTPHeaders) throws(HTTPFailure) -> [String] {
        var lines = ["Accept", "Content-Type", "Expect"].filter { headers[$0].isEmpty }.map { "\($0):" }
        for (name, value) in headers {
            let isEmpty = value.utf8.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            // With a colon and no value curl would leave it out.
            lines.append(isEmpty ? "\(name);" : "\(name): \(value)")
        }
        // curl sends them as they are, and a line break would begin another header.
        guard lines.allSatisfy({ !$0.utf8.contains { [0, 10, 13].contains($0) } }) else { throw .malformedHeader }
        return lines
    }

    private func watch() throws(HTTPFailure) {
        // Unretained: the handle is gone when this is, and the functions are called on the client's thread.
        let context = Unmanaged.passUnretained(self).toOpaque()
        try check(
            curl_on_body(
                handle,
                { bytes, _, count, context in
                    guard let bytes, let context else { return 0 }
                    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                    return transfer.append(UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
                }, context))
        try check(
            curl_before_request(
                handle,
                { context, _, _, _, _ in
                    guard let context else { return CURL_PREREQFUNC_ABORT }
                    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                    return transfer.mayBeSent() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
                }, context))
    }

    /// Keeps a part of the answer's body. False when that is too large with it.
    private func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= order.request.answerBytesMax else { return false }
        body.append(contentsOf: bytes)
        return true
    }

    /// True the first time. Where a kept connection ends without an answer, curl would send the request again on a new
    /// one, and what was recorded the first time would be recorded twice.
    private func mayBeSent() -> Bool {
        defer { isSent = true }
        return !isSent
    }

    /// What became of it, once curl has ended it with `code`.
    func result(_ code: CURLcode) -> Result<HTTPResponse, HTTPFailure> {
        guard code == CURLE_OK else {
            let error = CInt(curl_number(handle, CURLINFO_OS_ERRNO))
            return .failure(HTTPFailure(code, systemError: error, isLocal: order.request.socket != nil))
        }
        let isHTTP2 = curl_number(handle, CURLINFO_HTTP_VERSION) == Int(CURL_HTTP_VERSION_2_0)
        return .success(
            HTTPResponse(
                status: curl_number(handle, CURLINFO_RESPONSE_CODE), version: isHTTP2 ? .http2 : .http1,
                headers: headers, body: body))
    }

    /// The answer's headers. curl keeps no more than 300 KiB of them.
    private var headers: HTTPHeaders {
        var headers = HTTPHeaders()
        var last: UnsafeMutablePointer<curl_header>?
        while let header = curl_easy_nextheader(handle, UInt32(CURLH_HEADER), -1, last) {
            headers.add(String(cString: header.pointee.name), String(cString: header.pointee.value))
            last = header
        }
        return headers
    }

    private func set(_ option: CURLoption, _ number: Int) throws(HTTPFailure) {
        try check(curl_set_number(handle, option, number))
    }

    private func set(_ option: CURLoption, _ text: String) throws(HTTPFailure) {
        try check(curl_set_text(handle, option, text))
    }

    private func set(_ option: CURLoption, list texts: [String]) throws(HTTPFailure) {
        var list: UnsafeMutablePointer<curl_slist>?
        for text in texts {
            guard let longer = curl_slist_append(list, text) else {
                curl_slist_free_all(list)
                throw HTTPFailure(CURLE_OUT_OF_MEMORY)
            }
            list = longer
        }
        guard let list else { return }
        lists.append(list)
        try check(curl_set_pointer(handle, option, list))
    }

    private func check(_ code: CURLcode) throws(HTTPFailure) {
        guard code == CURLE_OK else { throw HTTPFailure(code) }
    }
}

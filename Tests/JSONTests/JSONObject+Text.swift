import JSON

extension JSONObject {
    /// Reads `text` with the depth that requests are read with.
    init(text: String, depthMax: Int = 32) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), depthMax: depthMax)
    }

    /// What is wrong with `bytes`; nil when they are read.
    static func fault(in bytes: [UInt8], depthMax: Int = 32) -> JSONError? {
        do throws(JSONError) {
            _ = try JSONObject(parsing: bytes, depthMax: depthMax)
            return nil
        } catch {
            return error
        }
    }

    static func fault(in text: String, depthMax: Int = 32) -> JSONError? {
        fault(in: Array(text.utf8), depthMax: depthMax)
    }
}

extension JSONArray {
    init(text: String, depthMax: Int = 32) throws(JSONError) {
        self = try Array(text.utf8).withUnsafeBytes { bytes in
            Result { () throws(JSONError) in try JSONArray(parsing: bytes, depthMax: depthMax) }
        }.get()
    }
}

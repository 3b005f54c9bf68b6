import GRDB
import SQLiteSupport
import Storage

/// How the store's connections are set up.
enum ConnectionSettings {
    /// Reports that are read at the same time; further ones wait for each other.
    private static let readersMax = 4
    /// What a connection may keep of the file in memory. The folds' connection visits each page of a sorted batch once,
    /// so this has to hold the upper levels of the tree and little more; 24 MiB for all connections together.
    private static let writerCacheKibibytes = 16 * 1024
    private static let readerCacheKibibytes = 2 * 1024
    /// What the log keeps of the disk once a fold that made it longer is copied: 64 MiB.
    private static let logBytesKept = 64 * 1024 * 1024

    static func configuration(file: String, pagesMax: Int?) -> Configuration {
        var configuration = Configuration()
        configuration.label = "store"
        configuration.maximumReaderCount = readersMax
        // Nobody else uses the file, but an operator may look into it with the sqlite3 command.
        configuration.busyMode = .timeout(1)
        configuration.prepareDatabase { database in
            if database.configuration.readonly {
                try database.execute(sql: "PRAGMA cache_size = -\(readerCacheKibibytes)")
                return
            }
            // Here, because GRDB turns the file into WAL mode next, which must not happen to somebody else's.
            if try Schema.isMissing(from: database, file: file) { try SparePages.allow(in: database) }
            try database.execute(sql: "PRAGMA cache_size = -\(writerCacheKibibytes)")
            // What is erased is overwritten.
            _ = try Int.fetchOne(database, sql: "PRAGMA secure_delete = ON")
            _ = try Int.fetchOne(database, sql: "PRAGMA journal_size_limit = \(logBytesKept)")
            if let pagesMax { _ = try Int.fetchOne(database, sql: "PRAGMA max_page_count = \(pagesMax)") }
            Checkpoint.install(on: database)
        }
        return configuration
    }
}

import ConfigurationFile
import Testing

@testable import Analytics

@Suite("A file of Zephr's shape")
struct ZephrFileTests {
    private static let header = "tab,outcomePath,outcomeId,total,bucketStart,bucketInterval,conversion: CUSTOMER"

    private static func file(_ rows: [String], header: String = header) throws(CSVFault) -> ZephrFile {
        try ZephrFile(Array(([header] + rows).map { $0 + "\r\n" }.joined().utf8))
    }

    private static func fault(_ rows: [String], header: String = header) -> String? {
        do throws(CSVFault) {
            _ = try file(rows, header: header)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("Totals are read with the documented columns")
    func totals() throws {
        let path = "SubruleNode,DecisionPoint,SubruleOutputNode: button3"
        let file = try Self.file(["Anonymous,\"\(path)\",Transformation:Create Account,1204,,,17", ",'=x,a,,,,"])
        #expect(file.variant == .total && file.conversions == ["CUSTOMER"] && file.notes.isEmpty)
        #expect(
            file.rows.map(\.outcome) == [
                ZephrOutcome(tab: "Anonymous", path: path, id: "Transformation:Create Account"),
                ZephrOutcome(tab: "", path: "=x", id: "a"),
            ])
        #expect(file.rows.map(\.total) == [1204, nil] && file.rows.map(\.converted) == [[17], [0]])
        #expect(file.days(in: .utc) == nil)
    }

    @Test("A file without rows is told as such, and long text of a file is not repeated whole")
    func bounds() throws {
        #expect(try Self.file([]).notes == ["The file has no row but that of its columns' names"])
        let long = String(repeating: "9", count: 5000)
        let fault = try #require(Self.fault([",,a,\(long),,,0"]))
        #expect(fault.count < 200 && fault.contains("999…"), "\(fault)")
    }

    @Test("The largest counts can be added up")
    func largest() throws {
        let days = (10...29).map { ",,a,10000000000,2026-11-\($0),1 day,\($0 % 2 == 0 ? 0 : 10_000_000_000)" }
        let comparison = try Compared(
            zephr: days, own: [], from: "2026-11-01", to: "2026-11-30", conversions: ["CUSTOMER"]
        ).comparison()
        #expect(comparison.sums.map(\.count.zephr).last == 100_000_000_000)
    }

    @Test("Names of columns are known in any case and order, others are passed over and named")
    func columns() throws {
        let header = "Conversion:a;OUTCOMEID; tab ;outcomepath;Total;bucketstart;bucketinterval;Extra;conversion:  b "
        let file = try Self.file(["1;id;t;p;3.0;;;x;2"], header: header)
        #expect(file.conversions == ["a", " b "])
        #expect(file.rows.map(\.outcome) == [ZephrOutcome(tab: "t", path: "p", id: "id")])
        #expect(file.rows.map(\.total) == [3] && file.rows.map(\.converted) == [[1, 2]])
        #expect(file.notes == ["Columns that are not known are passed over: Extra"])
        let many = try Self.file([], header: "\(Self.header),a,b,c,d,e,f,g")
        #expect(many.notes.first == "Columns that are not known are passed over: a, b, c, d, e and 2 more")
    }

    @Test("A file that is no export is refused with what one begins with")
    func noExport() throws {
        let fault = try #require(Self.fault(["1,2"], header: "date,clicks"))
        #expect(fault.hasPrefix("the file has no column `tab`, `outcomePath`"), "\(fault)")
        #expect(fault.contains("it has `date`") && fault.contains("`conversion: …`"), "\(fault)")
        let one = try #require(Self.fault([], header: "tab,outcomePath,outcomeId,bucketStart,bucketInterval"))
        #expect(one.hasPrefix("the file has no column `total`:"), "\(one)")
        #expect(
            Self.fault([], header: "\(Self.header),tab")
                == "line 1, column 81: the column `tab` is there twice: take one out")
        #expect(Self.fault([], header: "\(Self.header),conversion:CUSTOMER")?.contains("is there twice") == true)
    }

    @Test(
        "A count is digits alone",
        arguments: ["-1", "1,5", "1.5", "1e3", "x", "12 ", "10000000001", "٣", "99999999999999999999"])
    func counts(text: String) {
        let fault = Self.fault([",,a,\"\(text)\",,,0"])
        let isFine = text == "12 "
        #expect(
            isFine
                ? fault == nil
                : fault?.hasPrefix(
                    "line 2, column 5: total has to be a whole number from 0 to 10000000000, in digits alone, such as 1234, not `"
                )
                    == true,
            "\(fault ?? "")")
        let conversion = Self.fault([",,a,1,,,\"\(text)\""])
        #expect(isFine == (conversion == nil))
    }

    @Test("Days are read from every form of date and time that is understood")
    func starts() throws {
        let berlin = try Zone("Europe/Berlin")
        let forms: [(String, String)] = [
            ("2026-11-01", "2026-11-01 0"), ("2026-11-01 00:00:00", "2026-11-01 0"),
            ("2026-11-01T00:00", "2026-11-01 0"),
            ("2026-11-01T00:00:00.000", "2026-11-01 0"), ("2026-10-31T23:00:00Z", "2026-11-01 0"),
            ("2026-11-01T00:00:00+01:00", "2026-11-01 0"), ("2026-10-31 23:00:00 UTC", "2026-11-01 0"),
            ("2026-10-31 23:00:00 +0000", "2026-11-01 0"), ("2026-10-31T23:00:00.000+00", "2026-11-01 0"),
            ("2026-11-01T00:00:00Z", "2026-11-01 3600"), ("2026-10-31 23:00:00", "2026-11-01 82800"),
        ]
        for (text, expected) in forms {
            let start = try #require(BucketStart(text), "\(text)")
            let day = start.day(in: berlin)
            #expect("\(day.text) \(day.secondOfDay)" == expected, "\(text)")
        }
    }

    @Test(
        "Any other form is refused with those that are understood",
        arguments: [
            "01.11.2026", "11/1/2026 0:00", "2026-11-31", "2026-11-01T25:00:00", "2026-11-01T", "2026-11-01x",
            "1793491200",
            "2026-11-01 00:00:00 CET", "2026-11-01xyz", "2026-11-01+01:00", "2026-11-010", "2026-11-01Z",
        ])
    func otherStarts(text: String) {
        let fault = Self.fault([",,a,1,\(text),1 day,0"])
        #expect(
            fault?.hasPrefix("line 2, column 7: bucketStart has to be a day as 2026-11-01, ") == true
                && fault?.contains("not `\(text)`") == true, "\(fault ?? "")")
    }

    @Test("A file has days or totals, and days that are days")
    func variants() throws {
        let file = try Self.file([",,a,1,2026-11-02,1 day,0", ",,a,1,2026-10-31,P1D,0"])
        #expect(file.variant == .daily && file.days(in: .utc) == "2026-10-31"..."2026-11-02")
        #expect(
            Self.fault([",,a,1,2026-11-02,1 day,0", ",,a,1,,,0"])?.hasPrefix("line 3, column 7: bucketStart is empty")
                == true)
        #expect(
            Self.fault([",,a,1,2026-11-02,1 hour,0"])?.hasPrefix("line 2, column 18: bucketInterval has to be one day")
                == true)
    }

    @Test(
        "The file's name tells the version and the range",
        arguments: [
            ("/x/muirton-html-subscription-234-all-time.csv", 234, nil, nil),
            ("muirton-html-subscription-234-daily.csv", 234, nil, nil), ("a-b-c-7-daily (2).CSV", 7, nil, nil),
            ("a-b-c-7-2026-11-01-2026-11-07.csv", 7, "2026-11-01", "2026-11-07"),
            ("site-article-22-2026-11-01-on.csv", 22, "2026-11-01", nil),
            ("s-r-until-2026-11-07.csv", nil, nil, "2026-11-07"),
            ("s-r-2026-11-01-2026-11-07-daily.csv", nil, "2026-11-01", "2026-11-07"), ("export.csv", nil, nil, nil),
            ("export-21.csv", nil, nil, nil), ("a-21-2026-11-07.csv", nil, nil, "2026-11-07"),
            ("a-21-until-on.csv", nil, nil, nil),
        ] as [(String, Int?, String?, String?)])
    func names(path: String, version: Int?, from: String?, to: String?) {
        let name = ZephrFileName(path)
        #expect(name.version == version && name.from == from && name.to == to, "\(name)")
        #expect(!name.text.contains("/"))
    }

    @Test("The time is what is asked for, else that of the file's days, else that of its name")
    func time() throws {
        let days = try Self.file([",,a,1,2026-11-02,1 day,0", ",,a,1,2026-11-05,1 day,0"])
        let totals = try Self.file([",,a,1,,,0"])
        let name = ZephrFileName("s-r-2026-10-01-2026-10-31.csv")
        let time = { (file: ZephrFile, from: String?, to: String?) in
            let time = ComparedTime(from: from, to: to, in: .utc, of: file, named: name)
            return [time.from, time.to]
        }
        #expect(time(days, nil, nil) == ["2026-11-02", "2026-11-05"])
        #expect(time(days, "2026-11-03", nil) == ["2026-11-03", "2026-11-05"])
        #expect(time(totals, nil, nil) == ["2026-10-01", "2026-10-31"])
        #expect(time(totals, nil, "2026-10-15") == ["2026-10-01", "2026-10-15"])
    }
}

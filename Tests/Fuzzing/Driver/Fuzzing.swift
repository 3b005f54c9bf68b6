import Glibc

/// libFuzzer's own entrance, for a program that has its `main` itself
/// (https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library).
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ argumentCount: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Fuzzes the target that the variable `FUZZ_TARGET` names, or without it lists all; `Tests/Fuzzing/fuzz.sh` calls it. Its
/// arguments are libFuzzer's.
@main
enum Fuzzing {
    private static let target: FuzzTarget = {
        let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
        guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
            fatalError("FUZZ_TARGET names none")
        }
        return target
    }()

    /// Is made once, since what a target needs may take long to make. libFuzzer calls from the main thread alone.
    private nonisolated(unsafe) static let check: ([UInt8]) throws -> Void = {
        do {
            return try target.make()
        } catch {
            fatalError("\(target) cannot be made ready: \(error)")
        }
    }()

    static func main() {
        if getenv("FUZZ_TARGET") == nil {
            for target in FuzzTarget.all { print(target) }
            return
        }
        // They last as long as the process.
        var arguments = (CommandLine.arguments + ["-max_len=\(target.bytesMax)"]).map { strdup($0) } + [nil]
        exit(arguments.withUnsafeMutableBufferPointer { run($0) })
    }

    private static func run(_ arguments: UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>) -> CInt {
        var count = CInt(arguments.count - 1)
        var start = arguments.baseAddress
        return
            runFuzzer(&count, &start) { start, count in
                do {
                    try Fuzzing.check(Array(UnsafeRawBufferPointer(start: start, count: count)))
                } catch {
                    // libFuzzer keeps the input of a process that ends so.
                    fatalError("\(error)")
                }
                return 0
            }
    }
}

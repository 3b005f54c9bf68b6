import AggregatorCommand
import Daemon
import OperatorCommand
import ResponderCommand

/// Both daemons and the operator's tool are one file, since most of each is the same libraries: it is what it is called.
@main
enum Program {
    static func main() async {
        DispatchLog.silence()
        let path = CommandLine.arguments.first ?? ""
        switch path.split(separator: "/").last {
        case "rule-outcomes-aggregator": await AggregatorCommand.main()
        case "rule-outcomes-responder": await ResponderCommand.main()
        default: await OperatorCommand.main()
        }
    }
}

import CLinux
import Glibc

/// Whether this machine's clock is kept right by anything.
struct ClockExamination {
    var finding: Finding {
        var state = timex()
        guard adjtimex(&state) >= 0 else {
            return Finding(.clock, .note, "the kernel does not say whether the clock is kept right")
        }
        guard state.status & STA_UNSYNC != 0 else {
            return Finding(.clock, .fine, "the clock is kept right (NTP)")
        }
        return Finding(
            .clock, .note, "nothing is known to keep this machine's clock right",
            remedy: "run an NTP client, such as systemd-timesyncd or chrony; in a container the host's counts")
    }
}

#!/bin/bash
# Fuzzes one target after the other: fuzz.sh FOLDER SECONDS [TARGET…]. FOLDER is where `make fuzz` has built; what is found
# goes there as well: corpus/TARGET has inputs that reached something new, deaths/TARGET-… those that ended the process or
# showed that something does not hold, and TARGET.log what libFuzzer said. Exits with 1 where there was one of the latter.
set -u

folder=$1
seconds=$2
shift 2
here=$(dirname "$0")
program=$folder/release/Fuzzing
[ $# -gt 0 ] || mapfile -t targets < <("$program")
[ $# -eq 0 ] || targets=("$@")

# A backtrace by Swift itself would be of libFuzzer's handler.
export SWIFT_BACKTRACE=enable=no
# What Swift's runtime and Foundation keep to the end is no leak.
export ASAN_OPTIONS=detect_leaks=0
# The journal's files are written and synced for each input.
[ -w /dev/shm ] && export TMPDIR=/dev/shm

number() { sed -n "s/^stat::$1: *//p" "$log"; }

mkdir -p "$folder/deaths"
status=0
printf '%-14s %11s %9s %9s %7s\n' target executions 'a second' features deaths
for target in "${targets[@]}"; do
    corpus=$folder/corpus/$target
    log=$folder/$target.log
    mkdir -p "$corpus"
    dictionary=$here/Dictionaries/$target.dict
    [ -e "$dictionary" ] && dictionary=-dict=$dictionary || dictionary=-verbosity=1
    FUZZ_TARGET=$target "$program" "$corpus" "$here/Corpus/$target" "$dictionary" -max_total_time="$seconds" -timeout=10 \
        -rss_limit_mb=4096 -print_final_stats=1 -symbolize=0 -artifact_prefix="$folder/deaths/$target-" > "$log" 2>&1
    result=$?
    features=$(sed -n 's/.* ft: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
    death=$(sed -n 's/.*Test unit written to //p' "$log")
    printf '%-14s %11s %9s %9s %7s\n' "$target" "$(number number_of_executed_units)" "$(number average_exec_per_sec)" \
        "$features" "$([ $result -eq 0 ] && echo 0 || echo 1)"
    if [ $result -ne 0 ]; then
        status=1
        grep -m 1 -e 'Fatal error' -e 'ERROR: ' -e 'SUMMARY' "$log" | cut -c 1-200
        echo "    $death"
    fi
done
exit $status

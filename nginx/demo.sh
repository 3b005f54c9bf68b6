#!/usr/bin/env bash
# Runs nginx, responder and aggregator in a directory of their own, without privilege.
#
#   nginx/demo.sh run     until Ctrl-C; a daemon that exits is started again
#   nginx/demo.sh demo    sends known traffic through them, and shows what was counted beside what was sent, and the
#                         measured rates, with their intervals, beside the true ones
#   nginx/demo.sh screenshots   writes pictures of the console's pages into docs/images
#
# BIN is where the executables are (.build/release), RUN_DIR holds everything that is written (.run), PORT is nginx's. With
# PAST=no it begins without the visitors of the last weeks that are made up otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=${1:-run}
bin=$(realpath "${BIN:-.build/release}")
port=${PORT:-8080}
mkdir -p "${RUN_DIR:-.run}"
run=$(realpath "${RUN_DIR:-.run}")
url=http://127.0.0.1:$port
supervisors=()
# An exit status of a daemon that starting it again does not mend: sysexits.h's data, unavailable, configuration.
hopeless=' 65 69 78 '

prepare() {
    (
        umask 077
        mkdir -p "$run/data" "$run/nginx/rule-outcomes" "$run/tmp"
        [ -s "$run/subject.secret" ] || head -c 32 /dev/urandom | base64 > "$run/subject.secret"
        [ -s "$run/jwt.secret" ] || head -c 48 /dev/urandom | base64 > "$run/jwt.secret"
    )
    sed "s/:8080/:$port/g" nginx/demo.config.yaml > "$run/config.yaml"
    cp nginx/demo.html "$run/demo.html"
    cp nginx/demo.rules.yaml "$run/rules.yaml"
    # As a site installs them, but for where sockets and logs are.
    local file
    for file in demo.conf http.conf derived.conf limits.conf exposure-limits.conf session.conf conversions-with-sessions.conf \
        responder-with-session.conf responder.conf answer.conf answers.conf analytics.conf client.conf client.js; do
        sed "s#/run/rule-outcomes/#$run/#; s#/var/log/nginx/#$run/#; s#/etc/nginx/#$run/nginx/#; s/:8080/:$port/g" \
            "nginx/$file" > "$run/nginx/rule-outcomes/$file"
    done
    mv "$run/nginx/rule-outcomes/demo.conf" "$run/nginx/demo.conf"
    # The decisions that a try-out needs: its site may be read, and the demo itself, which needs no TLS, is asked what a
    # session is worth.
    sed -i "/oc_readable {/,/}/s/default \"\";/default default;/; /oc_zephr {/,/}/s/default \"\";/default 127.0.0.1:$port;/" \
        "$run/nginx/rule-outcomes/http.conf"
    sed -i '/proxy_ssl/d; s#https://#http://#' "$run/nginx/rule-outcomes/session.conf"
    "$bin/rule-outcomes" check --config "$run/config.yaml"
    # Windows take days to pass, so the first start comes with visitors of the last weeks.
    if [ "${PAST:-yes}" = yes ] && [ ! -e "$run/data/journal.sqlite" ]; then
        "$bin/SimulatedPast" "$run/config.yaml"
    fi
}

# supervise NAME COMMAND...: runs the command, and again whenever it exits, until told to stop.
supervise() {
    local name=$1
    shift
    (
        child=
        stopping=
        failures=0
        trap 'stopping=1; if [ -n "$child" ]; then kill -TERM "$child" 2>/dev/null || true; fi' TERM
        while [ -z "$stopping" ]; do
            started=$SECONDS
            # A session of its own: Ctrl-C reaches a whole process group, and the daemons are to stop in order.
            setsid "$@" &
            child=$!
            # A signal that came before there was a child to pass it on to.
            [ -z "$stopping" ] || kill -TERM "$child" 2>/dev/null || true
            status=0
            wait "$child" || status=$?
            # A signal to this shell ends the wait before the child ends.
            while kill -0 "$child" 2>/dev/null; do wait "$child" || true; done
            [ -z "$stopping" ] || break
            if ((SECONDS - started > 5)); then failures=0; else failures=$((failures + 1)); fi
            if [[ $hopeless == *" $status "* ]] || ((failures >= 5)); then
                echo "demo.sh: $name ended with status $status; its message is above. Stopping." >&2
                kill -TERM $$
                break
            fi
            echo "demo.sh: $name ended with status $status; starting it again" >&2
        done
    ) &
    supervisors+=($!)
}

stop() {
    trap - EXIT
    trap '' INT TERM HUP
    local index
    # nginx first, so that no request meets a responder that is gone; the aggregator last.
    for ((index = ${#supervisors[@]} - 1; index >= 0; index--)); do
        kill -TERM "${supervisors[index]}" 2>/dev/null || true
        wait "${supervisors[index]}" 2>/dev/null || true
    done
}

start() {
    local user=()
    # Started by root, nginx's workers would run as a user that may not open the responder's socket.
    if [ "$(id -u)" = 0 ]; then user=(-g 'user root;'); fi
    trap 'stop; exit 1' TERM
    # A demo that is interrupted has shown nothing.
    trap 'stop; [ "$mode" = run ]; exit' INT
    trap 'stop; exit 129' HUP
    trap 'stop' EXIT
    supervise rule-outcomes-aggregator "$bin/rule-outcomes-aggregator" --config "$run/config.yaml"
    wait_until aggregator_serves
    supervise rule-outcomes-responder "$bin/rule-outcomes-responder" --config "$run/config.yaml"
    wait_until responder_serves
    supervise nginx nginx -p "$run" "${user[@]}" -c "$run/nginx/demo.conf"
    wait_until nginx_serves
}

aggregator_serves() {
    "$bin/rule-outcomes" status --config "$run/config.yaml" > /dev/null 2>&1
}

responder_serves() {
    "$bin/rule-outcomes" status --config "$run/config.yaml" --format json 2> /dev/null | grep -q '"processId":'
}

# Only the responder answers so.
nginx_serves() {
    curl -s "$url/zephr/public/rule-outcomes/v1/conversions" | grep -q 'The method GET is not allowed here'
}

wait_until() {
    local attempt
    for attempt in {1..100}; do
        if "$1"; then return; fi
        sleep 0.1
    done
    echo "demo.sh: not after 10 seconds: $1; see the messages above" >&2
    exit 1
}

print_usage() {
    cat <<USAGE

Running. Open $url/ and register: a page that has nothing but the cookies that Zephr would set.

Or record by hand that a visitor was shown an outcome, and that the visitor converted; both answer 201:

  curl -i $url/zephr/public/rule-outcomes/v1/exposures \\
    -H 'Content-Type: application/json' -b blaize_tracking_id=TT0123456789ABCD \\
    -d '{"ruleId": "article-22", "outcomeId": "graph/1#1,graph/1#2,graph/2#1"}'

  curl -i $url/zephr/public/rule-outcomes/v1/conversions \\
    -H 'Content-Type: application/json' -b 'blaize_tracking_id=TT0123456789ABCD; blaize_session=demo-session' \\
    -d '{"ruleId": "article-22", "outcomeId": "graph/1#1,graph/1#2,graph/2#1", "conversion": "REGISTERED"}'

With a token in place of a session:

  curl -i $url/zephr/public/rule-outcomes/v1/conversions \\
    -H "Authorization: Bearer \$($bin/rule-outcomes token --config $run/config.yaml)" \\
    -H 'Content-Type: application/json' -b blaize_tracking_id=TT0123456789ABCD \\
    -d '{"ruleId": "article-22", "outcomeId": "graph/1#1,graph/1#2,graph/2#1", "conversion": "REGISTERED"}'

Read the counts and the rate:

  $bin/rule-outcomes report article-22 --config $run/config.yaml

Look at it: $url/rule-outcomes/console/

Ctrl-C stops everything. What was recorded stays in $run.
USAGE
}

prepare
start
case $mode in
run)
    print_usage
    # Signals end the wait.
    wait
    ;;
demo)
    # The seed decides who does what, and so the rates that are measured, since all of it is counted. It is one run,
    # chosen because all of its intervals hold the true rates; about one interval in twenty does not, so another seed
    # may show some that miss.
    "$bin/rule-outcomes" simulate --config "$run/config.yaml" --url "$url" --visitors 4000 --rates 5,8 --seed 1
    echo
    echo "To see it in the console, beside weeks of made-up visitors: make run"
    ;;
screenshots)
    mkdir -p docs/images
    .build/python/bin/python -B Tests/IntegrationTests/browser.py screenshots "$url/rule-outcomes/console/" docs/images
    "$bin/rule-outcomes" report article-22 --format svg --socket "$run/analytics.sock" > docs/images/result.svg
    ;;
*)
    echo "demo.sh: '$mode' is none of run, demo and screenshots" >&2
    exit 64
    ;;
esac

// Sends prepared HTTP/1.1 requests over kept-alive connections, and says how they were answered, and how fast.
//
//   driver PORT REQUESTS CONNECTIONS SECONDS RATE [ADDRESSES]
//
// REQUESTS is a file of requests, each after four bytes of its length (little-endian). They are sent in order, each once; the
// run ends with the last of them, or after SECONDS. RATE is how many are begun each second, whatever becomes of those before;
// 0 sends the next as soon as a connection is free. The latency of a request counts from when it was due, so that one which
// had to wait for a connection is not taken for a fast one. With ADDRESSES they come in turn from so many, 127.0.0.2 and those
// after it, each with its part of the connections.
//
// Prints one line of JSON: seconds, counts by status, failures, latencies in microseconds at 50 and 99 percent and the longest.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { connections_max = 2048, addresses_max = 64, answer_bytes_max = 8192, latencies_max = 4000000 };

struct connection {
    int descriptor;
    int is_busy;
    int64_t due;
    size_t received;
    char answer[answer_bytes_max];
};

static struct connection connections[connections_max];
// Connections without a request, by the address that they come from.
static int idle[addresses_max][connections_max], idle_count[addresses_max], address_count = 1;
static uint32_t latencies[latencies_max];
static size_t latency_count, in_flight, failures, statuses[600];
static const char *next_request, *requests_end;
static struct sockaddr_in server = {.sin_family = AF_INET};
static int poller;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int64_t now_nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void set_idle(int index) {
    int address = index % address_count;
    idle[address][idle_count[address]++] = index;
}

static void open_connection(int index) {
    struct connection *connection = &connections[index];
    int one = 1;
    connection->descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (address_count > 1) {
        struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + index % address_count)};
        if (bind(connection->descriptor, (struct sockaddr *)&own, sizeof own) != 0) die("bind");
    }
    if (connect(connection->descriptor, (struct sockaddr *)&server, sizeof server) != 0) die("connect");
    setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(connection->descriptor, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data = {.u32 = index}};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, connection->descriptor, &event) != 0) die("epoll_ctl");
    set_idle(index);
}

static void send_next(int address, int64_t due) {
    struct connection *connection = &connections[idle[address][--idle_count[address]]];
    uint32_t length;
    memcpy(&length, next_request, 4);
    connection->is_busy = 1;
    connection->due = due;
    connection->received = 0;
    // A request is far smaller than an empty socket buffer.
    if (write(connection->descriptor, next_request + 4, length) != (ssize_t)length) die("write");
    next_request += 4 + length;
    in_flight++;
}

// The bytes of a whole answer; 0 while it is not all there, -1 where its end cannot be told.
static long answer_bytes(struct connection *connection) {
    char *end = memmem(connection->answer, connection->received, "\r\n\r\n", 4);
    if (!end) return connection->received == answer_bytes_max ? -1 : 0;
    end += 4;
    long head = end - connection->answer;
    if (connection->received < 12) return -1;
    int status = atoi(connection->answer + 9);
    if (status < 100 || status >= 600) return -1;
    long body = -1;
    for (char *line = connection->answer; line < end; line = (char *)memchr(line, '\n', end - line) + 1) {
        if (strncasecmp(line, "content-length:", 15) == 0) body = atol(line + 15);
    }
    if (body < 0) body = status == 204 ? 0 : -1;
    if (body < 0 || head + body > answer_bytes_max) return -1;
    return (long)connection->received >= head + body ? head + body : 0;
}

static void finish(int index, int is_open) {
    struct connection *connection = &connections[index];
    connection->is_busy = 0;
    in_flight--;
    if (is_open) {
        set_idle(index);
        return;
    }
    close(connection->descriptor);
    open_connection(index);
}

static void receive(int index) {
    struct connection *connection = &connections[index];
    ssize_t count = read(
        connection->descriptor, connection->answer + connection->received, answer_bytes_max - connection->received);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) {
        if (connection->is_busy) {
            failures++;
            finish(index, 0);
        } else {
            // It stands among the idle ones already.
            close(connection->descriptor);
            int *same = idle[index % address_count], *count = &idle_count[index % address_count];
            for (int place = 0; place < *count; place++) {
                if (same[place] == index) same[place] = same[--*count];
            }
            open_connection(index);
        }
        return;
    }
    connection->received += count;
    long bytes = answer_bytes(connection);
    if (bytes == 0) return;
    int status = atoi(connection->answer + 9);
    statuses[status > 0 && status < 600 ? status : 0]++;
    if (latency_count < latencies_max) {
        latencies[latency_count++] = (now_nanoseconds() - connection->due) / 1000;
    }
    int closes = memmem(connection->answer, connection->received, "Connection: close", 17) != NULL;
    finish(index, bytes > 0 && !closes);
}

static int ascending(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

int main(int argc, char **argv) {
    if (argc != 6 && argc != 7) {
        fputs("usage: driver PORT REQUESTS CONNECTIONS SECONDS RATE [ADDRESSES]\n", stderr);
        return 64;
    }
    server.sin_port = htons(atoi(argv[1]));
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (argc == 7) address_count = atoi(argv[6]);
    int file = open(argv[2], O_RDONLY);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0) die(argv[2]);
    next_request = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (next_request == MAP_FAILED) die("mmap");
    requests_end = next_request + status.st_size;
    int count = atoi(argv[3]);
    if (count < 1 || count > connections_max || address_count < 1 || address_count > addresses_max) return 64;
    double rate = atof(argv[5]);
    poller = epoll_create1(0);
    for (int index = 0; index < count; index++) open_connection(index);
    int64_t start = now_nanoseconds(), end = start + (int64_t)(atof(argv[4]) * 1e9), last = start;
    int64_t begun = 0;
    struct epoll_event events[256];
    while (1) {
        int64_t now = now_nanoseconds();
        while (now < end && next_request < requests_end && idle_count[begun % address_count] > 0) {
            int64_t due = rate > 0 ? start + (int64_t)(begun * 1e9 / rate) : now;
            if (due > now) break;
            send_next(begun % address_count, due);
            begun++;
        }
        if (in_flight == 0 && (now >= end || next_request >= requests_end)) break;
        int timeout = in_flight > 0 && rate == 0 ? 1000 : 1;
        int ready = epoll_wait(poller, events, 256, timeout);
        for (int index = 0; index < ready; index++) receive(events[index].data.u32);
        if (ready > 0) last = now_nanoseconds();
        // Nothing has been answered for far longer than any deadline.
        if (now > end + 10000000000LL) break;
    }
    failures += in_flight;
    qsort(latencies, latency_count, sizeof *latencies, ascending);
    size_t total = latency_count;
    printf("{\"seconds\": %.6f, \"failures\": %zu, \"statuses\": {", (last - start) / 1e9, failures);
    const char *comma = "";
    for (int code = 0; code < 600; code++) {
        if (statuses[code]) printf("%s\"%d\": %zu", comma, code, statuses[code]), comma = ", ";
    }
    printf(
        "}, \"p50\": %u, \"p99\": %u, \"longest\": %u}\n", total ? latencies[total / 2] : 0,
        total ? latencies[total - 1 - total / 100] : 0, total ? latencies[total - 1] : 0);
    return 0;
}

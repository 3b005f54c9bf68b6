// What is possible at all behind nginx: one epoll loop, no library, that finds where a request ends, answers a constant 201,
// looks at nothing and stores nothing.
//
//   limit SOCKET
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { connections_max = 4096, request_bytes_max = 81920, body_record = 5 };

struct connection {
    int is_open;
    size_t received, walked;
};

static struct connection connections[connections_max];
static uint8_t buffers[connections_max][16384];

static const char head[] = "Status: 201 Created\r\nContent-Length: 0\r\nCache-Control: no-store\r\n\r\n";
static uint8_t answer[256];
static size_t answer_bytes;

static void prepare_answer(void) {
    size_t length = sizeof head - 1;
    uint8_t padding = (8 - length % 8) % 8;
    uint8_t output[] = {1, 6, 0, 1, length >> 8, length & 255, padding, 0};
    uint8_t end[] = {1, 6, 0, 1, 0, 0, 0, 0, 1, 3, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    memcpy(answer, output, 8);
    memcpy(answer + 8, head, length);
    memcpy(answer + 8 + length + padding, end, sizeof end);
    answer_bytes = 8 + length + padding + sizeof end;
}

// Whether the request is all there: an empty record of the body ends it.
static int is_whole(struct connection *connection, const uint8_t *bytes) {
    while (connection->walked + 8 <= connection->received) {
        const uint8_t *record = bytes + connection->walked;
        size_t content = record[4] << 8 | record[5];
        if (record[1] == body_record && content == 0) return 1;
        connection->walked += 8 + content + record[6];
    }
    return 0;
}

static void receive(int descriptor) {
    struct connection *connection = &connections[descriptor];
    uint8_t *bytes = buffers[descriptor];
    while (1) {
        ssize_t count = read(descriptor, bytes + connection->received, sizeof buffers[0] - connection->received);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) {
            close(descriptor);
            return;
        }
        connection->received += count;
        if (!is_whole(connection, bytes)) continue;
        connection->received = connection->walked = 0;
        if (write(descriptor, answer, answer_bytes) != (ssize_t)answer_bytes) {
            close(descriptor);
            return;
        }
        return;
    }
}

int main(int argc, char **argv) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (argc != 2 || strlen(argv[1]) >= sizeof address.sun_path) {
        fputs("usage: limit SOCKET\n", stderr);
        return 64;
    }
    prepare_answer();
    strcpy(address.sun_path, argv[1]);
    unlink(argv[1]);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 4096) != 0) {
        perror(argv[1]);
        return 69;
    }
    chmod(argv[1], 0666);
    int poller = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = listener}}, events[256];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    while (1) {
        int ready = epoll_wait(poller, events, 256, -1);
        for (int index = 0; index < ready; index++) {
            if (events[index].data.fd != listener) {
                receive(events[index].data.fd);
                continue;
            }
            int descriptor;
            while ((descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                if (descriptor >= connections_max) {
                    close(descriptor);
                    continue;
                }
                connections[descriptor] = (struct connection){.is_open = 1};
                struct epoll_event arrival = {.events = EPOLLIN, .data = {.fd = descriptor}};
                epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &arrival);
            }
        }
    }
}

// Calls of Linux that Swift's Glibc module lacks or imports in a form that Swift cannot use.
#ifndef RULE_OUTCOMES_CLINUX_H
#define RULE_OUTCOMES_CLINUX_H

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/vfs.h>
#include <unistd.h>

// struct ucred stands behind _GNU_SOURCE, which Swift's own Glibc module is built without, so its layout is kept here.
struct linux_peer_credentials {
    int32_t pid;
    uint32_t uid;
    uint32_t gid;
};

// The credentials of the process at the other end of a Unix stream socket; -1 and errno when there are none.
static inline int linux_peer_credentials(int descriptor, struct linux_peer_credentials *credentials) {
    socklen_t size = sizeof *credentials;
    return getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, credentials, &size);
}

// ioctl is variadic, which Swift does not import. How many bytes lie unread in the socket; -1 and errno on error.
static inline int linux_bytes_readable(int descriptor) {
    int count = 0;
    return ioctl(descriptor, FIONREAD, &count) < 0 ? -1 : count;
}

// prctl is variadic. The kernel writes no core of this process, and only root may look into its memory.
static inline int linux_close_memory(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

// accept4 stands behind _GNU_SOURCE.
extern int accept4(int, struct sockaddr *__restrict, socklen_t *__restrict, int);
static inline int linux_accept_nonblocking(int descriptor) {
    return accept4(descriptor, NULL, NULL, 02000000 /* SOCK_CLOEXEC */ | 04000 /* SOCK_NONBLOCK */);
}

// epoll_event's data is a union, which Swift reads less plainly than an integer.
static inline int linux_epoll_set(int poller, int operation, int descriptor, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(poller, operation, descriptor, &event);
}

static inline uint64_t linux_epoll_token(const struct epoll_event *event) {
    return event->data.u64;
}

#endif

// libfcgi, and the one place that touches what its header asks not to be used.
#ifndef RULE_OUTCOMES_CFASTCGI_H
#define RULE_OUTCOMES_CFASTCGI_H

#include <fcgiapp.h>
#include <sys/socket.h>

// Gives libfcgi a connection that was accepted elsewhere. 0, or libfcgi's error.
//
// libfcgi has no call for it: FCGX_Accept_r accepts by itself and blocks in doing so, one thread a connection. The
// fields set here stand below the header's "Don't use anything below here" line:
//   ipcFd           the connection;
//   keepConnection  without it FCGX_Accept_r, which first finishes the request before, closes the connection at once;
//   listen_sock     -1, so that a connection whose peer is gone makes FCGX_Accept_r return an error instead of
//                   waiting in accept for another;
//   detached        so that closing does not linger up to two seconds for the peer to close first.
static inline int fastcgi_adopt(FCGX_Request *request, int connection) {
    int result = FCGX_InitRequest(request, -1, 0);
    if (result != 0) {
        return result;
    }
    request->ipcFd = connection;
    request->keepConnection = 1;
    request->listen_sock = -1;
    request->detached = 1;
    return 0;
}

// Whether libfcgi has closed the connection.
static inline int fastcgi_is_closed(const FCGX_Request *request) {
    return request->ipcFd < 0;
}

// Ends the request: writes what is left, and closes the connection if `close` says so, or if the web server asked for
// that. libfcgi closes of itself only on the web server's word, which keepConnection holds.
static inline void fastcgi_finish(FCGX_Request *request, int close) {
    if (close) {
        request->keepConnection = 0;
    }
    FCGX_Finish_r(request);
}

// Ends the request and says that nothing more will be written, but leaves the connection open for reading, whatever the
// web server asked for: who closes what it has not read makes the web server lose the answer.
static inline void fastcgi_finish_writing(FCGX_Request *request) {
    request->keepConnection = 1;
    FCGX_Finish_r(request);
    if (request->ipcFd >= 0) {
        shutdown(request->ipcFd, SHUT_WR);
    }
}

// Closes the connection without ending a request.
static inline void fastcgi_close(FCGX_Request *request) {
    FCGX_Free(request, 1);
}

#endif

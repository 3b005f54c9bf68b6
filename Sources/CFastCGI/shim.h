// libfcgi, and the one place that touches what its header asks not to be used.
#ifndef RULE_OUTCOMES_CFASTCGI_H
#define RULE_OUTCOMES_CFASTCGI_H

#include <fcgiapp.h>

// Lets libfcgi read the next request of a connection that was accepted elsewhere. 0, or an error, and then libfcgi may have
// closed the connection.
//
// libfcgi has no call for it: FCGX_Accept_r accepts by itself and blocks in doing so, one thread a connection. The
// fields set here stand below the header's "Don't use anything below here" line:
//   ipcFd           the connection;
//   keepConnection  without it FCGX_Accept_r, which first finishes the request before, closes the connection at once;
//   listen_sock     -1, so that a connection whose peer is gone makes FCGX_Accept_r return an error instead of
//                   waiting in accept for another;
//   detached        so that closing does not linger up to two seconds for the peer to close first.
static inline int fastcgi_read(FCGX_Request *request, int connection) {
    int result = FCGX_InitRequest(request, -1, 0);
    if (result != 0) {
        return result;
    }
    request->ipcFd = connection;
    request->keepConnection = 1;
    request->listen_sock = -1;
    request->detached = 1;
    return FCGX_Accept_r(request);
}

// Whether libfcgi has closed the connection.
static inline int fastcgi_has_closed(const FCGX_Request *request) {
    return request->ipcFd < 0;
}

// The request's id.
static inline int fastcgi_request_id(const FCGX_Request *request) {
    return request->requestId;
}

// Whether the web server wants to go on using the connection.
static inline int fastcgi_keeps_connection(const FCGX_Request *request) {
    return request->keepConnection != 0;
}

// Lets go of what was read, and leaves the connection open.
static inline void fastcgi_release(FCGX_Request *request) {
    FCGX_Free(request, 0);
}

#endif

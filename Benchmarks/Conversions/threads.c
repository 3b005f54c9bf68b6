// What a FastCGI program as the library's own example has it can do: 70 threads in FCGX_Accept_r, which read the request,
// answer 201, check nothing and store nothing.
//
//   threads SOCKET
#include <fcgiapp.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>

enum { threads_count = 70, body_bytes_max = 16384 };

static int listener;

static void *serve(void *unused) {
    (void)unused;
    FCGX_Request request;
    FCGX_InitRequest(&request, listener, 0);
    char body[body_bytes_max];
    while (FCGX_Accept_r(&request) == 0) {
        while (FCGX_GetStr(body, sizeof body, request.in) == (int)sizeof body) {}
        FCGX_PutS("Status: 201 Created\r\nContent-Length: 0\r\nCache-Control: no-store\r\n\r\n", request.out);
        FCGX_Finish_r(&request);
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 2 || FCGX_Init() != 0) {
        fputs("usage: threads SOCKET\n", stderr);
        return 64;
    }
    listener = FCGX_OpenSocket(argv[1], 4096);
    if (listener < 0) return 69;
    chmod(argv[1], 0666);
    pthread_t threads[threads_count];
    for (int index = 0; index < threads_count; index++) pthread_create(&threads[index], NULL, serve, NULL);
    pthread_join(threads[0], NULL);
    return 0;
}

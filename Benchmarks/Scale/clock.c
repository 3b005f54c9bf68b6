// Moves a process's time of day, so that months of visitors can arrive within minutes: loaded before the C library, it adds
// the milliseconds in the file that BENCH_CLOCK names, which whoever fills the store counts up. Other clocks run as they do.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static int (*real)(clockid_t, struct timespec *);
static volatile int64_t *ahead;

__attribute__((constructor)) static void begin(void) {
    real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    const char *path = getenv("BENCH_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *page = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
    if (page == MAP_FAILED) {
        perror("clock: BENCH_CLOCK");
        exit(1);
    }
    ahead = page;
    close(file);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = real(clock, time);
    if (result == 0 && clock == CLOCK_REALTIME) {
        int64_t milliseconds = *ahead + time->tv_nsec / 1000000;
        int64_t seconds = milliseconds / 1000 - (milliseconds % 1000 < 0);
        time->tv_sec += seconds;
        time->tv_nsec = (milliseconds - seconds * 1000) * 1000000 + time->tv_nsec % 1000000;
    }
    return result;
}

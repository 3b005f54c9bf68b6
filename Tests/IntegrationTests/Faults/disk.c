// A disk that fails, and forgets: loaded before the C library, it stands between a daemon and the files below DISK_ROOT.
//
// What to do stands in the file that DISK_CONTROL names, which whoever runs the test may change at any time. Each write and each
// sync is counted there; of chosen ones, the call fails, or writes less than it was given.
//
// Where DISK_UNDO names a file, what stood in the place of each write goes there first, until a sync makes the write durable.
// From it whoever ends the process can put the files back as they may be after a power failure.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { DESCRIPTORS_MAX = 4096 };
enum kind { WRITE = 1, SYNC = 2 };

// As FaultyDisk.swift has it.
struct control {
    int64_t calls;      // writes and syncs so far
    int64_t first;      // the first that fails, counted from 1; 0 for none
    int64_t last;       // the last that fails
    int64_t kinds;      // which kinds fail
    int64_t error;      // errno; 0 for a write that is cut short
    int64_t failures;   // calls that failed
    int64_t lost_syncs; // syncs of the journal's log that failed
    int64_t holding;    // whether these wait, for ever
    int64_t held;       // how many do
};

static struct control *control;
static char root[PATH_MAX];
static size_t root_length;
static int undo = -1;
static char *paths[DESCRIPTORS_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static int (*real_fallocate)(int, off_t, off_t);

// Other libraries may call before this one's turn to begin has come.
static void find(void) {
    if (real_fallocate) return;
    real_open = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open64");
    real_close = (int (*)(int))dlsym(RTLD_NEXT, "close");
    real_pwrite = (ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite64");
    real_write = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = (int (*)(int, off_t))dlsym(RTLD_NEXT, "ftruncate64");
    real_fallocate = (int (*)(int, off_t, off_t))dlsym(RTLD_NEXT, "posix_fallocate64");
}

static void *map(const char *variable, size_t size) {
    const char *path = getenv(variable);
    int file = path ? real_open(path, O_RDWR | O_CLOEXEC) : -1;
    void *page = file < 0 ? MAP_FAILED : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (page == MAP_FAILED) {
        perror(variable);
        _exit(1);
    }
    real_close(file);
    return page;
}

__attribute__((constructor)) static void begin(void) {
    find();
    control = map("DISK_CONTROL", sizeof *control);
    const char *directory = getenv("DISK_ROOT");
    if (!directory || !realpath(directory, root)) _exit(1);
    root_length = strlen(root);
    const char *directory_of_undo = getenv("DISK_UNDO");
    if (!directory_of_undo) return;
    // A file for each process, in the order of their beginnings: what one has not synced may still be lost with the next.
    struct timespec now;
    char path[PATH_MAX];
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(path, sizeof path, "%s/%012lld.%09ld", directory_of_undo, (long long)now.tv_sec, now.tv_nsec);
    undo = real_open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (undo < 0) {
        perror(path);
        _exit(1);
    }
}

// What is not lost with the machine is no file: SQLite's index of its log is shared memory, and a lock is a lock.
static int is_file(const char *path) {
    size_t length = strlen(path);
    return strncmp(path, root, root_length) == 0 && path[root_length] == '/'
        && !(length > 4 && strcmp(path + length - 4, "-shm") == 0) && strcmp(path + root_length, "/lock") != 0;
}

static void opened(int file) {
    char link[64], path[PATH_MAX];
    if (file < 0 || file >= DESCRIPTORS_MAX || !control) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return;
    path[length] = 0;
    pthread_mutex_lock(&lock);
    free(paths[file]);
    paths[file] = is_file(path) ? strdup(path) : NULL;
    pthread_mutex_unlock(&lock);
}

static const char *path_of(int file) {
    return file >= 0 && file < DESCRIPTORS_MAX ? paths[file] : NULL;
}

// Whether this call is to fail.
static int fails(enum kind kind) {
    int64_t call = __atomic_add_fetch(&control->calls, 1, __ATOMIC_SEQ_CST);
    if (control->first == 0 || call < control->first || call > control->last || !(control->kinds & kind)) return 0;
    __atomic_add_fetch(&control->failures, 1, __ATOMIC_SEQ_CST);
    return 1;
}

// MARK: What is undone

// An entry: the path's length, the place, how many bytes stood there, the file's size; the path; the bytes. A sync has the
// place -1.
static void note(const char *path, int64_t place, const void *bytes, int64_t count, int64_t size) {
    int64_t head[4] = {(int64_t)strlen(path), place, count, size};
    struct iovec parts[3] = {
        {head, sizeof head}, {(void *)path, (size_t)head[0]}, {(void *)bytes, (size_t)count}};
    if (writev(undo, parts, 3) < 0) abort();
}

static void note_place(int file, const char *path, off_t place, size_t count) {
    struct stat status;
    if (undo < 0 || fstat(file, &status) != 0) return;
    char *old = malloc(count ? count : 1);
    // A file that is open for writing alone is opened once more for it.
    ssize_t got = place < status.st_size ? pread(file, old, count, place) : 0;
    if (got < 0) {
        int again = real_open(path, O_RDONLY | O_CLOEXEC);
        got = pread(again, old, count, place);
        real_close(again);
    }
    note(path, place, old, got < 0 ? 0 : got, status.st_size);
    free(old);
}

// MARK: What the daemon calls

int open64(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    find();
    int file = real_open(path, flags, mode);
    opened(file);
    return file;
}

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return open64(path, flags, mode);
}

int close(int file) {
    find();
    if (path_of(file)) {
        pthread_mutex_lock(&lock);
        free(paths[file]);
        paths[file] = NULL;
        pthread_mutex_unlock(&lock);
    }
    return real_close(file);
}

static ssize_t put(int file, const char *path, const void *bytes, size_t count, off_t place) {
    pthread_mutex_lock(&lock);
    int failing = fails(WRITE);
    size_t written = failing ? (control->error ? 0 : count / 2) : count;
    if (written) note_place(file, path, place, written);
    ssize_t result = failing && control->error ? -1 : real_pwrite(file, bytes, written, place);
    if (failing && control->error) errno = (int)control->error;
    pthread_mutex_unlock(&lock);
    return result;
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off_t place) {
    find();
    const char *path = path_of(file);
    return path ? put(file, path, bytes, count, place) : real_pwrite(file, bytes, count, place);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t place) {
    return pwrite64(file, bytes, count, place);
}

ssize_t write(int file, const void *bytes, size_t count) {
    find();
    const char *path = path_of(file);
    if (!path) return real_write(file, bytes, count);
    ssize_t written = put(file, path, bytes, count, lseek(file, 0, SEEK_CUR));
    if (written > 0) lseek(file, written, SEEK_CUR);
    return written;
}

static int is_journals_log(const char *path) {
    const char *log = "/journal.sqlite-wal";
    return strlen(path) > strlen(log) && strcmp(path + strlen(path) - strlen(log), log) == 0;
}

static int sync_file(int file, int (*real)(int)) {
    const char *path = path_of(file);
    if (!path) return real(file);
    if (is_journals_log(path) && control->holding) {
        __atomic_add_fetch(&control->held, 1, __ATOMIC_SEQ_CST);
        for (;;) pause();
    }
    pthread_mutex_lock(&lock);
    int result = fails(SYNC) ? -1 : real(file);
    if (result == 0 && undo >= 0) note(path, -1, NULL, 0, 0);
    if (result != 0) {
        // A sync cannot be cut short.
        errno = control->error ? (int)control->error : EIO;
        if (is_journals_log(path)) control->lost_syncs++;
    }
    pthread_mutex_unlock(&lock);
    return result;
}

int fsync(int file) {
    find();
    return sync_file(file, real_fsync);
}

int fdatasync(int file) {
    find();
    return sync_file(file, real_fdatasync);
}

int ftruncate64(int file, off_t size) {
    find();
    const char *path = path_of(file);
    if (!path) return real_ftruncate(file, size);
    struct stat status;
    pthread_mutex_lock(&lock);
    if (fstat(file, &status) == 0 && size < status.st_size)
        note_place(file, path, size, (size_t)(status.st_size - size));
    else if (undo >= 0)
        note_place(file, path, status.st_size, 0);
    int result = real_ftruncate(file, size);
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate(int file, off_t size) { return ftruncate64(file, size); }

// It makes room, or asks whether there is some: a write of nothing. What it makes longer holds zeros, whichever way it went.
int posix_fallocate64(int file, off_t place, off_t count) {
    find();
    if (!path_of(file) || !fails(WRITE)) return real_fallocate(file, place, count);
    return control->error ? (int)control->error : EIO;
}

int posix_fallocate(int file, off_t place, off_t count) { return posix_fallocate64(file, place, count); }

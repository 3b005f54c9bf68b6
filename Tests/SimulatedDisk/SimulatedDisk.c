#include "SimulatedDisk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR_BYTES = 512, FILES_MAX = 16, PATH_BYTES_MAX = 512 };

// A write, or a change of length where it has no bytes, that is not synced.
struct change {
    struct change *next;
    int64_t offset;
    int count;
    unsigned char bytes[];
};

// What a disk knows of a file, open or not.
struct file {
    char path[PATH_BYTES_MAX];
    unsigned char *durable;
    int64_t durable_bytes;
    struct change *first;
    struct change **last;
};

// A file as SQLite has it open; its own VFS's structure follows.
struct handle {
    sqlite3_file base;
    struct file *file;
    int last_error;
};

static struct {
    pthread_mutex_t lock;
    char directory[PATH_BYTES_MAX];
    uint64_t random;
    struct file files[FILES_MAX];
    disk_fault armed;
    unsigned operations_left;
    unsigned faults;
    unsigned operations;
    bool is_paused;
    bool is_full;
    bool is_dead;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER};

static sqlite3_vfs *real;
static sqlite3_vfs simulated;

// MARK: What is durable

// SplitMix64.
static uint64_t random_number(void) {
    uint64_t mixed = disk.random += 0x9E3779B97F4A7C15;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    return mixed ^ (mixed >> 31);
}

static int random_below(int bound) { return (int)(random_number() % (uint64_t)bound); }

static void *must(void *memory) {
    if (memory == NULL) abort();
    return memory;
}

static void set_durable_length(struct file *file, int64_t count) {
    int64_t added = count - file->durable_bytes;
    if (added > 0) file->durable = must(realloc(file->durable, (size_t)count));
    if (added > 0) memset(file->durable + file->durable_bytes, 0, (size_t)added);
    file->durable_bytes = count;
}

static void make_durable(struct file *file, int64_t offset, const unsigned char *bytes, int count) {
    if (offset + count > file->durable_bytes) set_durable_length(file, offset + count);
    memcpy(file->durable + offset, bytes, (size_t)count);
}

// Of each change some sectors become durable: each with a chance of `share` in 8.
static void make_some_durable(struct file *file, int share) {
    for (struct change *change = file->first; change != NULL; change = change->next) {
        if (change->count == 0 && random_below(8) < share) set_durable_length(file, change->offset);
        for (int done = 0; done < change->count;) {
            int count = SECTOR_BYTES - (int)((change->offset + done) % SECTOR_BYTES);
            if (count > change->count - done) count = change->count - done;
            if (random_below(8) < share) make_durable(file, change->offset + done, change->bytes + done, count);
            done += count;
        }
    }
}

static void drop_changes(struct file *file) {
    for (struct change *first; (first = file->first) != NULL; free(first)) file->first = first->next;
    file->last = &file->first;
}

static void note_change(struct file *file, int64_t offset, const void *bytes, int count) {
    struct change *change = must(malloc(sizeof *change + (size_t)count));
    *change = (struct change){.offset = offset, .count = count};
    if (count > 0) memcpy(change->bytes, bytes, (size_t)count);
    *file->last = change;
    file->last = &change->next;
}

// MARK: Files

static void forget_file(struct file *file) {
    drop_changes(file);
    free(file->durable);
    *file = (struct file){.last = &file->first};
}

// Closing lets go of the locks that this process has on the file, which keep out other processes alone.
static unsigned char *content(const char *path, int64_t *count) {
    struct stat status;
    *count = 0;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return NULL;
    unsigned char *bytes = NULL;
    if (fstat(descriptor, &status) == 0 && status.st_size > 0) {
        bytes = must(malloc((size_t)status.st_size));
        *count = read(descriptor, bytes, (size_t)status.st_size);
    }
    close(descriptor);
    return bytes;
}

static bool save(const struct file *file, const char *path) {
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) return false;
    bool is_written = write(descriptor, file->durable, (size_t)file->durable_bytes) == file->durable_bytes;
    close(descriptor);
    return is_written;
}

static struct file *find(const char *path) {
    for (struct file *file = disk.files; file < disk.files + FILES_MAX; file++) {
        if (strcmp(file->path, path) == 0) return file;
    }
    return NULL;
}

static struct file *find_or_add(const char *path) {
    struct file *file = find(path);
    if (file != NULL) return file;
    file = must(find(""));
    snprintf(file->path, sizeof file->path, "%s", path);
    file->last = &file->first;
    file->durable = content(path, &file->durable_bytes);
    return file;
}

static bool is_simulated(const char *path) {
    pthread_mutex_lock(&disk.lock);
    size_t length = strlen(disk.directory);
    bool is_inside = path != NULL && length > 0 && strncmp(path, disk.directory, length) == 0;
    pthread_mutex_unlock(&disk.lock);
    return is_inside;
}

// MARK: Faults

// Whether the armed fault comes now, in an operation that faults of this kind concern.
static bool comes(disk_fault fault) {
    if (disk.armed != fault || disk.is_paused) return false;
    if (disk.operations_left > 0) {
        disk.operations_left--;
        return false;
    }
    disk.armed = DISK_FAULT_NONE;
    disk.faults++;
    if (fault == DISK_FAULT_DEATH) disk.is_dead = true;
    return true;
}

// Whether the process is dead, or dies now, in an operation that changes something.
static bool dies(void) {
    disk.operations++;
    return disk.is_dead || comes(DISK_FAULT_DEATH);
}

// MARK: What SQLite calls of a file

static sqlite3_file *real_file(sqlite3_file *file) { return (sqlite3_file *)((struct handle *)file + 1); }

#define REAL(file, method, ...) real_file(file)->pMethods->method(real_file(file), ##__VA_ARGS__)

static int disk_close(sqlite3_file *file) { return REAL(file, xClose); }

static int disk_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    pthread_mutex_lock(&disk.lock);
    bool fails = disk.is_dead || comes(DISK_FAULT_READ);
    pthread_mutex_unlock(&disk.lock);
    return fails ? SQLITE_IOERR_READ : REAL(file, xRead, bytes, count, offset);
}

static int write_some(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    if (count == 0) return SQLITE_OK;
    note_change(((struct handle *)file)->file, offset, bytes, count);
    return REAL(file, xWrite, bytes, count, offset);
}

static int write_locked(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    struct handle *handle = (struct handle *)file;
    if (disk.is_dead) return SQLITE_IOERR_WRITE;
    sqlite3_int64 length = 0;
    int failure = SQLITE_OK;
    if (dies() || comes(DISK_FAULT_WRITE)) {
        failure = SQLITE_IOERR_WRITE;
        handle->last_error = EIO;
    } else if (comes(DISK_FAULT_QUOTA)) {
        failure = SQLITE_IOERR_WRITE;
        handle->last_error = EDQUOT;
    } else if (disk.is_full && REAL(file, xFileSize, &length) == SQLITE_OK && offset + count > length) {
        failure = SQLITE_FULL;
    }
    if (failure == SQLITE_OK) return write_some(file, bytes, count, offset);
    // Where there is no room, what lies within the file can be written.
    int possible = failure == SQLITE_FULL ? (length > offset ? (int)(length - offset) : 0) : count;
    int result = write_some(file, bytes, random_below(possible + 1), offset);
    return result == SQLITE_OK ? failure : result;
}

static int disk_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    pthread_mutex_lock(&disk.lock);
    int result = write_locked(file, bytes, count, offset);
    pthread_mutex_unlock(&disk.lock);
    return result;
}

static int disk_truncate(sqlite3_file *file, sqlite3_int64 length) {
    pthread_mutex_lock(&disk.lock);
    int result = SQLITE_IOERR_TRUNCATE;
    if (!dies()) {
        note_change(((struct handle *)file)->file, length, NULL, 0);
        result = REAL(file, xTruncate, length);
    }
    pthread_mutex_unlock(&disk.lock);
    return result;
}

static int disk_sync(sqlite3_file *file, int flags) {
    (void)flags;
    pthread_mutex_lock(&disk.lock);
    struct file *synced = ((struct handle *)file)->file;
    int result = SQLITE_IOERR_FSYNC;
    if (!dies()) {
        bool fails = comes(DISK_FAULT_SYNC);
        make_some_durable(synced, fails ? random_below(8) : 8);
        drop_changes(synced);
        result = fails ? SQLITE_IOERR_FSYNC : SQLITE_OK;
    }
    pthread_mutex_unlock(&disk.lock);
    return result;
}

static int disk_file_size(sqlite3_file *file, sqlite3_int64 *count) { return REAL(file, xFileSize, count); }
static int disk_lock(sqlite3_file *file, int level) { return REAL(file, xLock, level); }
static int disk_unlock(sqlite3_file *file, int level) { return REAL(file, xUnlock, level); }
static int disk_reserved(sqlite3_file *file, int *result) { return REAL(file, xCheckReservedLock, result); }

static int disk_control(sqlite3_file *file, int operation, void *argument) {
    int last_error = ((struct handle *)file)->last_error;
    if (operation == SQLITE_FCNTL_LAST_ERRNO && last_error != 0) {
        *(int *)argument = last_error;
        return SQLITE_OK;
    }
    return REAL(file, xFileControl, operation, argument);
}

static int disk_sector_size(sqlite3_file *file) { return REAL(file, xSectorSize); }
static int disk_characteristics(sqlite3_file *file) { return REAL(file, xDeviceCharacteristics); }

static int disk_map_shared(sqlite3_file *file, int region, int count, int extend, void volatile **memory) {
    return REAL(file, xShmMap, region, count, extend, memory);
}
static int disk_lock_shared(sqlite3_file *file, int offset, int count, int flags) {
    return REAL(file, xShmLock, offset, count, flags);
}
static void disk_barrier(sqlite3_file *file) { REAL(file, xShmBarrier); }
static int disk_unmap_shared(sqlite3_file *file, int removes) { return REAL(file, xShmUnmap, removes); }

// Of version 2, so that no file is mapped into memory past these.
static const sqlite3_io_methods methods = {
    2, disk_close, disk_read, disk_write, disk_truncate, disk_sync, disk_file_size, disk_lock, disk_unlock,
    disk_reserved, disk_control, disk_sector_size, disk_characteristics, disk_map_shared, disk_lock_shared,
    disk_barrier, disk_unmap_shared, NULL, NULL,
};

// MARK: What SQLite calls of a disk

static int disk_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *flags_out) {
    (void)vfs;
    if (!is_simulated(path)) return real->xOpen(real, path, file, flags, flags_out);
    struct handle *handle = (struct handle *)file;
    handle->base.pMethods = NULL;
    pthread_mutex_lock(&disk.lock);
    struct file *opened = disk.is_dead ? NULL : find_or_add(path);
    pthread_mutex_unlock(&disk.lock);
    if (opened == NULL) return SQLITE_CANTOPEN;
    int result = real->xOpen(real, path, real_file(file), flags, flags_out);
    if (result != SQLITE_OK) return result;
    *handle = (struct handle){.base.pMethods = &methods, .file = opened};
    return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *path, int syncs) {
    (void)vfs;
    if (!is_simulated(path)) return real->xDelete(real, path, syncs);
    pthread_mutex_lock(&disk.lock);
    int result = dies() ? SQLITE_IOERR_DELETE : real->xDelete(real, path, syncs);
    struct file *file = find(path);
    if (result == SQLITE_OK && file != NULL) forget_file(file);
    pthread_mutex_unlock(&disk.lock);
    return result;
}

static void register_once(void) {
    real = sqlite3_vfs_find("unix");
    simulated = *real;
    simulated.zName = "simulated";
    simulated.szOsFile = (int)sizeof(struct handle) + real->szOsFile;
    simulated.xOpen = disk_open;
    simulated.xDelete = disk_delete;
    sqlite3_vfs_register(&simulated, 1);
}

// MARK: What tests call

void disk_mount(const char *directory, uint64_t seed) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_once);
    disk_unmount();
    disk.random = seed;
    pthread_mutex_lock(&disk.lock);
    snprintf(disk.directory, sizeof disk.directory, "%s/", directory);
    pthread_mutex_unlock(&disk.lock);
}

void disk_unmount(void) {
    pthread_mutex_lock(&disk.lock);
    for (struct file *file = disk.files; file < disk.files + FILES_MAX; file++) forget_file(file);
    disk.directory[0] = 0;
    pthread_mutex_unlock(&disk.lock);
    disk.operations = 0;
    disk.is_full = false;
    disk_revive(false);
}

void disk_arm(disk_fault fault, unsigned operations) {
    disk.armed = fault;
    disk.operations_left = operations;
}

void disk_pause(bool paused) { disk.is_paused = paused; }
void disk_set_full(bool full) { disk.is_full = full; }
void disk_die(void) { disk.is_dead = true; }
bool disk_is_dead(void) { return disk.is_dead; }
unsigned disk_fault_count(void) { return disk.faults; }
unsigned disk_operation_count(void) { return disk.operations; }

void disk_revive(bool power_failed) {
    disk_arm(DISK_FAULT_NONE, 0);
    disk.faults = 0;
    disk.is_dead = false;
    // Now and then nothing is kept, or all.
    int share = random_below(10) - 1;
    for (struct file *file = disk.files; file < disk.files + FILES_MAX; file++) {
        if (file->path[0] == 0) continue;
        if (power_failed) {
            make_some_durable(file, share);
            drop_changes(file);
            if (!save(file, file->path)) abort();
        }
        char index_path[PATH_BYTES_MAX + 4];
        snprintf(index_path, sizeof index_path, "%s-shm", file->path);
        unlink(index_path);
    }
}

bool disk_is_durable(const char *path) {
    struct file *file = find(path);
    if (file == NULL || file->first != NULL) return file == NULL;
    int64_t count;
    unsigned char *bytes = content(path, &count);
    bool is_durable = count == file->durable_bytes && (count == 0 || memcmp(bytes, file->durable, (size_t)count) == 0);
    free(bytes);
    return is_durable;
}

bool disk_copy_durable(const char *path, const char *copy) {
    struct file *file = find(path);
    return file == NULL || save(file, copy);
}

#ifndef SIMULATED_DISK_H
#define SIMULATED_DISK_H

#include <stdbool.h>
#include <stdint.h>

// A disk under SQLite that may lose what was not synced, and fail where it is told to.
//
// It is SQLite's default VFS once a directory is mounted. Files in that directory are real, and what is read is what was
// written last, as from a system's page cache. Beside each stands what of it is durable. A failure of the power leaves that,
// and of what was written since any sectors of 512 bytes, or none. Files elsewhere are SQLite's own VFS's business.
//
// What it does not simulate: an entry in a directory is durable at once, its removal too, and the log's index (-shm), which
// SQLite makes anew after a crash, is the kernel's. What bypasses SQLite is durable at once.

typedef enum {
    DISK_FAULT_NONE,
    // The operation fails; of a write a part may be done.
    DISK_FAULT_READ,
    DISK_FAULT_WRITE,
    DISK_FAULT_QUOTA,
    // Some of what was to be synced is durable, and the rest never will be, however often it is synced: it is taken for clean.
    DISK_FAULT_SYNC,
    // The process dies in the middle of it. Every operation fails from then on.
    DISK_FAULT_DEATH,
} disk_fault;

// Simulates the files in `directory`, whose path is absolute, from now on, and those of no other directory any more. What is
// in them is durable. All that is decided at random follows from `seed`.
void disk_mount(const char *directory, uint64_t seed);
void disk_unmount(void);

// Lets the operation fail that comes after `operations` others of the kind that it concerns: reads, writes, syncs, or, for a
// death, any that changes something. The fault before it, if it has not come, is off.
void disk_arm(disk_fault fault, unsigned operations);
// While it is paused no fault comes: for a test that looks for itself.
void disk_pause(bool paused);
// While it is full no file grows.
void disk_set_full(bool full);

// The process dies. Whoever has files open closes them next, which changes nothing.
void disk_die(void);
bool disk_is_dead(void);
// Another process begins, on what the one before has written; or, where the power failed, on what the disk has kept. No file
// may be open.
void disk_revive(bool power_failed);

// How many faults have come since the last revival, and how many operations there have been.
unsigned disk_fault_count(void);
unsigned disk_operation_count(void);
// Whether the power may fail without a loss in this file, which may be missing.
bool disk_is_durable(const char *path);
// Writes what is durable of one file into another.
bool disk_copy_durable(const char *path, const char *copy);

#endif

#include <stdint.h>

#include "CNoICUData.h"

// What stands before the data: its own size, a mark, and what it is.
struct header {
    uint16_t header_bytes;
    uint8_t mark[2];
    uint16_t info_bytes;
    uint16_t reserved;
    uint8_t is_big_endian;
    uint8_t charset_family;
    uint8_t sizeof_uchar;
    uint8_t reserved_byte;
    uint8_t format[4];
    uint8_t format_version[4];
    uint8_t data_version[4];
    uint8_t padding[8];
};

struct table_of_contents {
    struct header header;
    uint32_t count;
};

// The name has the version of the ICU that Swift 6.3 comes with; another's data would be linked as if this were not here. Hidden,
// so that a Foundation that is loaded at run time keeps its own.
__attribute__((visibility("hidden"), aligned(16))) const struct table_of_contents icudt76_dat = {
    .header = {
        .header_bytes = sizeof(struct header),
        .mark = {0xda, 0x27},
        .info_bytes = 20,
        .is_big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
        .sizeof_uchar = 2,
        .format = {'T', 'o', 'C', 'P'},
        .format_version = {1},
    },
};

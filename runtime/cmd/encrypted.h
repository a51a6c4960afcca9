/* Whether a block device keeps what is written to it encrypted, as far as the host shows (H-27). */
#ifndef KANUKI_CMD_ENCRYPTED_H
#define KANUKI_CMD_ENCRYPTED_H

#include <stdbool.h>

/* `device` is a block device's directory in sysfs ("/sys/dev/block/MAJOR:MINOR").  True if it is
 * dm-crypt's, or every device beneath it is: a logical volume on an encrypted disk.  What can't be
 * read is not encrypted.  Reads only. */
bool encrypted_is_device(const char *device);

#endif

/* Loaded into the server (LD_PRELOAD): writes down, in order, what the process does to the files below RECORDER_BELOW, into
 * RECORDER_TO. One record: kind (1 byte), length of the path (2), offset (8), length of the data (4), path, data; numbers
 * little-endian. Kinds: W write, T truncate to offset, S sync, U unlink. With RECORDER_LIES set, syncs are not written down:
 * a disk that does not keep its word.
 *
 * RECORDER_FAILS names a file with a number (8 bytes, of this machine) that whoever tests may change at any time. Each write,
 * truncation and sync takes one off it; the one that makes it zero fails with EIO and is not done. With RECORDER_HIDES set it
 * is not done either, and answered as if it were. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
static const char *below;
static int to = -1, lies, hides;
static int64_t *until_failure;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("RECORDER_TO");
    below = getenv("RECORDER_BELOW");
    lies = getenv("RECORDER_LIES") != NULL;
    hides = getenv("RECORDER_HIDES") != NULL;
    if (path && below) to = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const char *number = getenv("RECORDER_FAILS");
    int fd = number ? REAL(open)(number, O_RDWR | O_CLOEXEC) : -1;
    if (fd >= 0) {
        void *mapped = mmap(NULL, sizeof *until_failure, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (mapped != MAP_FAILED) until_failure = mapped;
        close(fd);
    }
}

static int fails(void) {
    return until_failure && __atomic_load_n(until_failure, __ATOMIC_SEQ_CST) > 0 &&
           __atomic_sub_fetch(until_failure, 1, __ATOMIC_SEQ_CST) == 0;
}

static ssize_t failed(ssize_t as_if_done) {
    if (hides) return as_if_done;
    errno = EIO;
    return -1;
}

/* Path of a descriptor, if it is a regular file or directory below ours. */
static int path_of(int fd, char *path) {
    char link[64] = "/proc/self/fd/", digits[16];
    int n = 0;
    if (to < 0 || fd == to || fd < 0) return 0;
    do digits[n++] = '0' + fd % 10; while (fd /= 10);
    char *end = link + strlen(link);
    while (n) *end++ = digits[--n];
    *end = 0;
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strncmp(path, below, strlen(below)) == 0;
}

static void record(char kind, const char *path, uint64_t offset, const void *data, uint32_t length) {
    uint16_t path_length = strlen(path);
    size_t size = 15 + path_length + length;
    unsigned char *entry = malloc(size);
    entry[0] = kind;
    memcpy(entry + 1, &path_length, 2);
    memcpy(entry + 3, &offset, 8);
    memcpy(entry + 11, &length, 4);
    memcpy(entry + 15, path, path_length);
    if (length) memcpy(entry + 15 + path_length, data, length);
    REAL(write)(to, entry, size);
    free(entry);
}

/* A write is written down before it is done, a sync after: so the record never promises more than there is. */
#define WRITTEN(fd, data, length, offset)                                             \
    char path[PATH_MAX];                                                              \
    if (path_of(fd, path)) {                                                          \
        if (fails()) return failed(length);                                           \
        pthread_mutex_lock(&one);                                                     \
        record('W', path, offset, data, length);                                      \
        pthread_mutex_unlock(&one);                                                   \
    }

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
    WRITTEN(fd, data, length, offset)
    return REAL(pwrite)(fd, data, length, offset);
}
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    WRITTEN(fd, data, length, offset)
    return REAL(pwrite64)(fd, data, length, offset);
}
ssize_t write(int fd, const void *data, size_t length) {
    WRITTEN(fd, data, length, lseek(fd, 0, SEEK_CUR))
    return REAL(write)(fd, data, length);
}

static int truncation_fails(int fd, off_t length) {
    char path[PATH_MAX];
    if (!path_of(fd, path)) return 0;
    if (fails()) return 1;
    pthread_mutex_lock(&one);
    record('T', path, length, NULL, 0);
    pthread_mutex_unlock(&one);
    return 0;
}
int ftruncate(int fd, off_t length) {
    return truncation_fails(fd, length) ? failed(0) : REAL(ftruncate)(fd, length);
}
int ftruncate64(int fd, off64_t length) {
    return truncation_fails(fd, length) ? failed(0) : REAL(ftruncate64)(fd, length);
}

static int synced(int fd, int (*sync)(int)) {
    char path[PATH_MAX];
    int ours = path_of(fd, path);
    if (ours && fails()) return failed(0);
    int result = sync(fd);
    if (result == 0 && !lies && ours) {
        pthread_mutex_lock(&one);
        record('S', path, 0, NULL, 0);
        pthread_mutex_unlock(&one);
    }
    return result;
}
int fsync(int fd) { return synced(fd, REAL(fsync)); }
int fdatasync(int fd) { return synced(fd, REAL(fdatasync)); }

int unlink(const char *name) {
    if (to >= 0 && strncmp(name, below, strlen(below)) == 0) {
        pthread_mutex_lock(&one);
        record('U', name, 0, NULL, 0);
        pthread_mutex_unlock(&one);
    }
    return REAL(unlink)(name);
}

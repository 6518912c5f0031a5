/*
 * Preloaded into a process under test: keeps account of what a power cut would leave of the files in one folder, POWER_CUT_FOLDER. For
 * each sync that ended well (fdatasync, fsync, syncfs) it appends to the file POWER_CUT_SYNCED a line with the length that the file had
 * when the sync began, and its path. A process that is killed loses nothing that it has written: the kernel has it. A disk has what
 * was synced. A sync there, or in the folder POWER_CUT_SLOW, and each syncfs, takes POWER_CUT_SYNC_MS longer than it would: who does not wait for it says too early what is safe.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINES_BYTES (1 << 20)

typedef int (*sync_function)(int);

static int slowly(const char *name, int fd) {
  const char *ms = getenv("POWER_CUT_SYNC_MS");
  if (ms != NULL) usleep((useconds_t)atoi(ms) * 1000);
  return ((sync_function)dlsym(RTLD_NEXT, name))(fd);
}

/* One write appends all of it, whoever else appends. */
static void append(const char *lines, size_t length) {
  const int log = open(getenv("POWER_CUT_SYNCED"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (log < 0 || write(log, lines, length) != (ssize_t)length) abort();
  close(log);
}

static int is_in(const char *path, const char *folder) { return folder != NULL && strncmp(path, folder, strlen(folder)) == 0; }

static int sync_one(const char *name, int fd) {
  const char *folder = getenv("POWER_CUT_FOLDER");
  char link[64], path[PATH_MAX], line[PATH_MAX + 32];
  struct stat before;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = '\0';
  const int is_ours = is_in(path, folder) && fstat(fd, &before) == 0;
  const int is_slow = is_ours || is_in(path, getenv("POWER_CUT_SLOW"));
  const int result = is_slow ? slowly(name, fd) : ((sync_function)dlsym(RTLD_NEXT, name))(fd);
  if (is_ours && result == 0) {
    append(line, (size_t)snprintf(line, sizeof line, "%lld %s\n", (long long)before.st_size, path));
  }
  return result;
}

int fdatasync(int fd) { return sync_one("fdatasync", fd); }

int fsync(int fd) { return sync_one("fsync", fd); }

int syncfs(int fd) {
  const char *folder = getenv("POWER_CUT_FOLDER");
  char *lines = malloc(LINES_BYTES);
  size_t length = 0;
  DIR *files = folder == NULL || lines == NULL ? NULL : opendir(folder);
  for (struct dirent *entry; files != NULL && (entry = readdir(files)) != NULL && length < LINES_BYTES - PATH_MAX - 32;) {
    char path[PATH_MAX];
    struct stat before;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (stat(path, &before) == 0 && S_ISREG(before.st_mode))
      length += (size_t)snprintf(lines + length, LINES_BYTES - length, "%lld %s\n", (long long)before.st_size, path);
  }
  if (files != NULL) closedir(files);
  const int result = slowly("syncfs", fd);
  if (result == 0 && length > 0) append(lines, length);
  free(lines);
  return result;
}

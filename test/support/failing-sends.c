/*
 * Preloaded into a process under test: every other call of sendmmsg fails with the error number in FAILING_SENDS, beginning with
 * the first. What the kernel only does when memory or buffers run out can't be had otherwise.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

typedef int (*send_function)(int, struct mmsghdr *, unsigned int, int);

int sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags) {
  static unsigned int calls;
  static send_function original;
  if (original == NULL) original = (send_function)dlsym(RTLD_NEXT, "sendmmsg");
  if (calls++ % 2 == 1) return original(fd, messages, count, flags);
  errno = atoi(getenv("FAILING_SENDS"));
  return -1;
}

/* A slower disk: every fsync and fdatasync takes 3 ms longer. Loaded before a program's libraries
   (LD_PRELOAD). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static int late(const char *name, int fd)
{
    struct timespec pause = {0, 3000000};
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    int result = real(fd);
    nanosleep(&pause, 0);
    return result;
}

int fsync(int fd) { return late("fsync", fd); }
int fdatasync(int fd) { return late("fdatasync", fd); }

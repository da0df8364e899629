// What the preloaded libraries of this folder share: the function behind the one they stand for, and the path of an
// open file.
#pragma once
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name))next_of(#name))

static void* next_of(const char* name) { return dlsym(RTLD_NEXT, name); }

// The path of `fd` below `root`, from the slash on; NULL for anything else. `buffer` has PATH_MAX bytes.
static const char* path_below(const char* root, int fd, char* buffer) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, buffer, PATH_MAX - 1);
  if (root == NULL || size < 0) return NULL;
  buffer[size] = 0;
  const size_t length = strlen(root);
  if (strncmp(buffer, root, length) != 0 || buffer[length] != '/') return NULL;
  return buffer + length;
}

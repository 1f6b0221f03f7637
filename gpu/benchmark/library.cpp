#include "gpu/benchmark/library.hpp"

#include <dlfcn.h>

namespace gyro::cuda {

Library::Library(std::initializer_list<const char*> names) {
  for (const char* const name : names) {
    if (name == nullptr || *name == '\0') continue;
    handle_ = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (handle_ != nullptr) return;
  }
}

void* Library::symbol(const char* name) const {
  return handle_ == nullptr ? nullptr : dlsym(handle_, name);
}

}  // namespace gyro::cuda

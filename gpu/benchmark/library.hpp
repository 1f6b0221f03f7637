#pragma once

#include <initializer_list>
#include <string>

namespace gyro::cuda {

/// A shared library found at run time. Never closed: CUDA's libraries keep threads and exit
/// handlers of their own.
class Library {
 public:
  /// The first of `names` that can be loaded; null and empty ones are passed over.
  explicit Library(std::initializer_list<const char*> names);

  [[nodiscard]] bool found() const { return handle_ != nullptr; }

  /// A function by its exported name, null where there is none.
  template <class Function>
  [[nodiscard]] Function* function(const char* name) const {
    return reinterpret_cast<Function*>(symbol(name));
  }

 private:
  [[nodiscard]] void* symbol(const char* name) const;

  void* handle_ = nullptr;
};

}  // namespace gyro::cuda

// A place for files that nobody wants afterwards.
//
// Threads: one at a time.
#pragma once

#include <string>
#include <string_view>

namespace lineal {

// A directory of its own under `parent`, removed with all in it when this goes out of scope.
class TemporaryDirectory {
 public:
  TemporaryDirectory();  // under the system's temporary one
  explicit TemporaryDirectory(std::string_view parent);
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }
  std::string Sub(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

}  // namespace lineal

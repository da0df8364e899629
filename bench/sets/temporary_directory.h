// A place for files that nobody wants afterwards.
//
// Threads: one at a time.
#pragma once

#include <string>

namespace lineal::bench {

// A directory under the system's temporary one, removed with all in it when this goes out of scope.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace lineal::bench

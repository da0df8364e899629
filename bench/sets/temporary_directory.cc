#include "bench/sets/temporary_directory.h"

#include <cstdlib>
#include <filesystem>

#include "base/check.h"

namespace lineal::bench {

TemporaryDirectory::TemporaryDirectory() {
  path_ = (std::filesystem::temp_directory_path() / "lineal-XXXXXX").string();
  LINEAL_CHECK(mkdtemp(path_.data()) != nullptr);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

}  // namespace lineal::bench

#include "base/temporary_directory.h"
#include "base/status.h"

#include <cstdlib>
#include <filesystem>

#include "base/check.h"
#include "base/strings.h"

namespace lineal {

TemporaryDirectory::TemporaryDirectory() : TemporaryDirectory(std::filesystem::temp_directory_path().string()) {}

TemporaryDirectory::TemporaryDirectory(std::string_view parent) {
  path_ = StrCat(parent, "/lineal-", std::string(6, 'X'));  // which mkdtemp replaces
  LINEAL_CHECK(mkdtemp(path_.data()) != nullptr);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

}  // namespace lineal

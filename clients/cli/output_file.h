// A file in the making: written as NAME.part, renamed when it is whole. "-" is standard output.
//
// Threads: one at a time.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lineal::cli {

class OutputFile {
 public:
  static absl::StatusOr<std::unique_ptr<OutputFile>> Create(const std::string& path);
  // Removes what was not finished.
  ~OutputFile();

  absl::Status Append(std::string_view bytes);
  // Over what stands at the beginning.
  absl::Status Overwrite(std::string_view bytes);
  absl::Status Finish();

 private:
  OutputFile(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}
  std::string PartPath() const { return path_ + ".part"; }

  const std::string path_;
  std::FILE* file_;
};

}  // namespace lineal::cli

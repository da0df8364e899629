#include "clients/cli/output_file.h"

#include <unistd.h>

#include <cerrno>

#include "base/file_system.h"

namespace lineal::cli {

absl::StatusOr<std::unique_ptr<OutputFile>> OutputFile::Create(const std::string& path) {
  if (path == "-") return std::unique_ptr<OutputFile>(new OutputFile(path, stdout));
  const std::string part = path + ".part";
  std::FILE* file = std::fopen(part.c_str(), "wb");
  if (file == nullptr) return ErrnoStatus(errno, "create", part);
  return std::unique_ptr<OutputFile>(new OutputFile(path, file));
}

OutputFile::~OutputFile() {
  if (file_ == nullptr || file_ == stdout) return;
  std::fclose(file_);
  unlink(PartPath().c_str());
}

absl::Status OutputFile::Append(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) return ErrnoStatus(errno, "write", path_);
  return absl::OkStatus();
}

absl::Status OutputFile::Overwrite(std::string_view bytes) {
  if (fseeko(file_, 0, SEEK_SET) != 0) return ErrnoStatus(errno, "seek", path_);
  return Append(bytes);
}

absl::Status OutputFile::Finish() {
  if (std::fflush(file_) != 0) return ErrnoStatus(errno, "write", path_);
  if (file_ == stdout) return absl::OkStatus();
  if (fsync(fileno(file_)) != 0) return ErrnoStatus(errno, "sync", path_);
  std::fclose(file_);
  file_ = nullptr;
  return PosixFileSystem()->Rename(PartPath(), path_);
}

}  // namespace lineal::cli

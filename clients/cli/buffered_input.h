// A file (or standard input, named "-") read forwards in large pieces, with the offset of what comes next.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lineal::cli {

class BufferedInput {
 public:
  // NOT_FOUND or UNAVAILABLE with the path.
  static absl::StatusOr<std::unique_ptr<BufferedInput>> Open(const std::string& path);

  static constexpr int kEnd = -1;
  // The next byte, 0 to 255, or kEnd at the end and after an error.
  int Get();
  int Peek();
  // Up to `size` bytes; fewer only at the end.
  size_t Read(char* into, size_t size);
  // The next line without its end ("\n" or "\r\n"). False at the end. INVALID_ARGUMENT for one of over `bytes_max`.
  absl::StatusOr<bool> ReadLine(std::string* line, size_t bytes_max);

  uint64_t offset() const { return base_ + next_; }
  // 0 for what cannot be told (a pipe).
  uint64_t size() const { return size_; }
  // FAILED_PRECONDITION on a pipe, OUT_OF_RANGE beyond the end.
  absl::Status Seek(uint64_t offset);
  // The first read error, if any.
  absl::Status status() const { return status_; }
  const std::string& name() const { return name_; }

 private:
  struct Closer {
    void operator()(std::FILE* file) const;
  };
  BufferedInput(std::string name, std::FILE* file, uint64_t size, bool seekable);
  bool Fill();

  const std::string name_;
  std::unique_ptr<std::FILE, Closer> file_;
  const uint64_t size_;
  const bool seekable_;
  std::vector<char> buffer_;
  size_t next_ = 0;    // in buffer_
  size_t filled_ = 0;  // of buffer_
  uint64_t base_ = 0;  // the offset of buffer_[0]
  absl::Status status_;
};

}  // namespace lineal::cli

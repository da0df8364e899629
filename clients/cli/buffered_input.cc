#include "clients/cli/buffered_input.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/file_system.h"
#include "base/status.h"

namespace lineal::cli {

constexpr size_t kBufferBytes = 1 << 20;

void BufferedInput::Closer::operator()(std::FILE* file) const {
  if (file != stdin) std::fclose(file);
}

BufferedInput::BufferedInput(std::string name, std::FILE* file, uint64_t size, bool seekable)
    : name_(std::move(name)), file_(file), size_(size), seekable_(seekable), buffer_(kBufferBytes) {}

absl::StatusOr<std::unique_ptr<BufferedInput>> BufferedInput::Open(const std::string& path) {
  std::FILE* file = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
  if (file == nullptr) return ErrnoStatus(errno, "open", path);
  struct stat info {};
  const bool known = fstat(fileno(file), &info) == 0;
  if (known && S_ISDIR(info.st_mode)) {
    std::fclose(file);
    return InvalidArgument(path, " is a directory");
  }
  const bool regular = known && S_ISREG(info.st_mode);
  return std::unique_ptr<BufferedInput>(new BufferedInput(path == "-" ? "standard input" : path, file,
                                                          regular ? static_cast<uint64_t>(info.st_size) : 0, regular));
}

bool BufferedInput::Fill() {
  base_ += filled_;
  next_ = 0;
  filled_ = status_.ok() ? std::fread(buffer_.data(), 1, buffer_.size(), file_.get()) : 0;
  if (filled_ == 0 && std::ferror(file_.get()) != 0 && status_.ok()) status_ = ErrnoStatus(errno, "read", name_);
  return filled_ > 0;
}

int BufferedInput::Peek() {
  if (next_ == filled_ && !Fill()) return kEnd;
  return static_cast<unsigned char>(buffer_[next_]);
}

int BufferedInput::Get() {
  const int byte = Peek();
  if (byte != kEnd) ++next_;
  return byte;
}

size_t BufferedInput::Read(char* into, size_t size) {
  size_t done = 0;
  while (done < size && Peek() != kEnd) {
    const size_t step = std::min(size - done, filled_ - next_);
    std::memcpy(into + done, buffer_.data() + next_, step);
    next_ += step;
    done += step;
  }
  return done;
}

absl::StatusOr<bool> BufferedInput::ReadLine(std::string* line, size_t bytes_max) {
  line->clear();
  if (Peek() == kEnd) {
    LINEAL_RETURN_IF_ERROR(status_);
    return false;
  }
  while (Peek() != kEnd) {
    const char* begin = buffer_.data() + next_;
    const char* end = buffer_.data() + filled_;
    const char* newline = std::find(begin, end, '\n');
    line->append(begin, newline);
    next_ += static_cast<size_t>(newline - begin);
    if (line->size() > bytes_max) {
      return InvalidArgument(name_, ": a line has more than ", bytes_max, " bytes, near offset ", offset());
    }
    if (newline != end) {
      ++next_;
      break;
    }
  }
  LINEAL_RETURN_IF_ERROR(status_);
  if (line->ends_with('\r')) line->pop_back();
  return true;
}

absl::Status BufferedInput::Seek(uint64_t offset) {
  if (!seekable_) return FailedPrecondition(name_, " cannot be read from the middle");
  if (offset > size_) return absl::OutOfRangeError(StrCat(name_, " has ", size_, " bytes, wanted offset ", offset));
  if (fseeko(file_.get(), static_cast<off_t>(offset), SEEK_SET) != 0) return ErrnoStatus(errno, "seek", name_);
  base_ = offset;
  next_ = filled_ = 0;
  return absl::OkStatus();
}

}  // namespace lineal::cli

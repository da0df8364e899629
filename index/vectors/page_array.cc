#include "index/vectors/page_array.h"

#include <sys/mman.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace lineal::index {
namespace {

constexpr size_t kHugePagesFrom = size_t{8} << 20;
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kPage = size_t{4} << 10;

}  // namespace

PageArray::PageArray(size_t bytes, Pages pages)
    : bytes_(bytes), huge_(pages == Pages::kHugeIfLarge && bytes >= kHugePagesFrom) {
  if (bytes == 0) return;
  data_ = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  LINEAL_CHECK(data_ != MAP_FAILED);
  if (huge_) madvise(data_, bytes, MADV_HUGEPAGE);
}

PageArray::PageArray(PageArray&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)), huge_(other.huge_) {}

PageArray& PageArray::operator=(PageArray&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  std::swap(huge_, other.huge_);
  return *this;
}

size_t PageArray::touched_bytes(size_t used) const {
  const size_t page = huge_ ? kHugePage : kPage;
  return std::min(bytes_, (used + page - 1) / page * page);
}

PageArray::~PageArray() {
  if (data_ != nullptr) munmap(data_, bytes_);
}

}  // namespace lineal::index

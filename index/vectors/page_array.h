// A large zeroed array whose pages are taken from the operating system when they are first written: reserving room for
// a million rows costs nothing until they come. Its address never changes. Large arrays ask for huge pages, which save
// about a tenth of a search's time.
//
// Threads: the array itself is immutable; its elements are the user's affair.
#pragma once

#include <cstddef>

namespace lineal::index {

class PageArray {
 public:
  PageArray() = default;
  enum class Pages { kHugeIfLarge, kSmall };  // small ones for what may stay nearly empty
  explicit PageArray(size_t bytes, Pages pages = Pages::kHugeIfLarge);
  PageArray(PageArray&& other) noexcept;
  PageArray& operator=(PageArray&& other) noexcept;
  ~PageArray();

  // Aligned to a page.
  template <class T>
  T* as() const {
    return static_cast<T*>(data_);
  }
  size_t bytes() const { return bytes_; }
  // Physical memory that the array takes once its first `used` bytes were written: whole pages, huge ones if it asked
  // for them.
  size_t touched_bytes(size_t used) const;

 private:
  void* data_ = nullptr;
  size_t bytes_ = 0;
  bool huge_ = false;
};

}  // namespace lineal::index

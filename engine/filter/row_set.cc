#include "engine/filter/row_set.h"

#include <algorithm>
#include <bit>
#include <span>
#include <string>

#include "base/coding.h"

namespace lineal::engine {
namespace {

// Of the portable format (RoaringFormatSpec): a container holds the rows that share their upper 16 bits, as an array of
// the lower ones if they are few, else as bits.
constexpr uint32_t kCookieWithoutRuns = 12'346;
constexpr size_t kContainerWords = 1'024;
constexpr uint32_t kArrayMax = 4'096;

void AppendContainer(std::span<const uint64_t> words, uint32_t count, std::string* out) {
  if (count > kArrayMax) {
    out->append(reinterpret_cast<const char*>(words.data()), words.size_bytes());
    out->append((kContainerWords - words.size()) * sizeof(uint64_t), '\0');
    return;
  }
  for (size_t i = 0; i < words.size(); ++i) {
    for (uint64_t word = words[i]; word != 0; word &= word - 1) {
      PutFixed(out, static_cast<uint16_t>(i * 64 + static_cast<size_t>(std::countr_zero(word))));
    }
  }
}

}  // namespace

RowSet RowGatherer::Take() const {
  const std::span<const uint64_t> words(words_);
  std::string containers, descriptions;
  std::vector<uint32_t> begins;
  for (size_t at = 0, key = 0; at < words.size(); at += kContainerWords, ++key) {
    const auto part = words.subspan(at, std::min(kContainerWords, words.size() - at));
    uint32_t count = 0;
    for (uint64_t word : part) count += static_cast<uint32_t>(std::popcount(word));
    if (count == 0) continue;
    PutFixed(&descriptions, static_cast<uint16_t>(key));
    PutFixed(&descriptions, static_cast<uint16_t>(count - 1));
    begins.push_back(static_cast<uint32_t>(containers.size()));
    AppendContainer(part, count, &containers);
  }
  std::string image;
  PutFixed(&image, kCookieWithoutRuns);
  PutFixed(&image, static_cast<uint32_t>(begins.size()));
  image += descriptions;
  const auto head = static_cast<uint32_t>(image.size() + begins.size() * sizeof(uint32_t));
  for (uint32_t begin : begins) PutFixed(&image, head + begin);
  image += containers;
  return RowSet::readSafe(image.data(), image.size());
}

}  // namespace lineal::engine

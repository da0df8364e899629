// Columns for people: cells padded to the widest, the last column cut to the width of the terminal.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lineal::cli {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> titles) : titles_(std::move(titles)) {}
  // As many cells as titles. Control characters are shown as spaces.
  void Add(std::vector<std::string> cells);
  // `width` 0: as wide as it needs. Columns whose every cell is a number stand to the right.
  std::string Render(size_t width) const;
  bool empty() const { return rows_.empty(); }

 private:
  std::vector<std::string> titles_;
  std::vector<std::vector<std::string>> rows_;
};

// Columns of the terminal that stdout is; 0 when it is none.
size_t TerminalWidth();
// Code points, which is columns for most scripts.
size_t DisplayWidth(std::string_view text);
// At most `width` columns, with "…" where something was cut.
std::string Shorten(std::string_view text, size_t width);

std::string HumanBytes(uint64_t bytes);    // "1.5 MiB"
std::string HumanCount(uint64_t count);    // "12,345"
std::string HumanSeconds(double seconds);  // "3 m 20 s"

}  // namespace lineal::cli

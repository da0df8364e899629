#include "clients/cli/text_table.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/strings.h"

namespace lineal::cli {
namespace {

constexpr size_t kLastColumnMin = 20;

bool IsNumber(std::string_view cell) {
  return !cell.empty() && cell.find_first_not_of("0123456789.,-") == std::string_view::npos;
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

size_t TerminalWidth() {
  winsize size{};
  if (isatty(STDOUT_FILENO) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

size_t DisplayWidth(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return !IsContinuation(c); }));
}

std::string Shorten(std::string_view text, size_t width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  size_t bytes = 0;
  for (size_t columns = 0; bytes < text.size(); ++bytes) {
    if (!IsContinuation(text[bytes]) && columns++ + 1 >= std::max<size_t>(width, 1)) break;
  }
  return StrCat(text.substr(0, bytes), "…");
}

void TextTable::Add(std::vector<std::string> cells) {
  cells.resize(titles_.size());
  for (std::string& cell : cells) {
    for (char& c : cell) {
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    }
  }
  rows_.push_back(std::move(cells));
}

std::string TextTable::Render(size_t width) const {
  const size_t columns = titles_.size();
  std::vector<size_t> widths(columns);
  std::vector<bool> right(columns, !rows_.empty());
  size_t before_last = 0;
  for (size_t i = 0; i < columns; ++i) {
    widths[i] = DisplayWidth(titles_[i]);
    for (const auto& row : rows_) {
      widths[i] = std::max(widths[i], DisplayWidth(row[i]));
      if (!IsNumber(row[i])) right[i] = false;
    }
    if (i + 1 < columns) before_last += widths[i] + 2;
  }
  if (width != 0 && columns > 0) {
    widths.back() = std::min(widths.back(), std::max(kLastColumnMin, width > before_last ? width - before_last : 0));
  }
  std::string out;
  const auto append_row = [&](const std::vector<std::string>& row) {
    std::string line;
    for (size_t i = 0; i < columns; ++i) {
      const std::string cell = Shorten(row[i], widths[i]);
      const std::string pad(widths[i] - DisplayWidth(cell), ' ');
      StrAppend(&line, i == 0 ? "" : "  ", right[i] ? pad : "", cell, right[i] ? "" : pad);
    }
    line.resize(line.find_last_not_of(' ') + 1);
    StrAppend(&out, line, "\n");
  };
  append_row(titles_);
  for (const auto& row : rows_) append_row(row);
  return out;
}

std::string HumanBytes(uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(kUnits); ++unit) value /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
  return text;
}

std::string HumanCount(uint64_t count) {
  std::string digits = StrCat(count);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string HumanSeconds(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "?";
  const auto whole = static_cast<uint64_t>(seconds + 0.5);
  if (whole < 60) return StrCat(whole, " s");
  if (whole < 3600) return StrCat(whole / 60, " m ", whole % 60, " s");
  return StrCat(whole / 3600, " h ", whole / 60 % 60, " m");
}

}  // namespace lineal::cli

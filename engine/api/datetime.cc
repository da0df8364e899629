// Reads date and time texts into microseconds since 1970.
#include <string_view>

#include "engine/api/filter.h"

namespace lineal::engine {
namespace {

constexpr int64_t kMicros = 1'000'000;
constexpr int64_t kDaySeconds = 86'400;

// Days since 1970-01-01 in the proleptic Gregorian calendar (years start in March, so that leap days come last).
int64_t DaysSinceEpoch(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2;
  int64_t era = year / 400;  // years are never negative here
  int64_t year_of_era = year - era * 400;
  int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

int64_t DaysInMonth(int64_t year, int64_t month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return kDays[month - 1] + (month == 2 && leap);
}

class DatetimeReader {
 public:
  explicit DatetimeReader(std::string_view text) : rest_(text) {}

  std::optional<int64_t> Read() {
    int64_t days, seconds = 0, micros = 0;
    if (!Date(&days)) return std::nullopt;
    if (!rest_.empty()) {
      if (!Take('T') && !Take('t') && !Take(' ')) return std::nullopt;
      if (!Time(&seconds, &micros) || !Zone(&seconds) || !rest_.empty()) return std::nullopt;
    }
    return (days * kDaySeconds + seconds) * kMicros + micros;
  }

 private:
  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool Digits(size_t count, int64_t low, int64_t high, int64_t* value) {
    if (rest_.size() < count) return false;
    *value = 0;
    for (size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return false;
      *value = *value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return *value >= low && *value <= high;
  }
  bool Date(int64_t* days) {
    int64_t year, month, day;
    if (!Digits(4, 0, 9999, &year) || !Take('-') || !Digits(2, 1, 12, &month) || !Take('-')) return false;
    if (!Digits(2, 1, DaysInMonth(year, month), &day)) return false;
    // Year 0's January and February count from year -1, which lies before the first era: move by one era of 400 years.
    *days = DaysSinceEpoch(year + 400, month, day) - 146'097;
    return true;
  }
  // Seconds may be left out, 60 is a leap second and counts as the next minute's first.
  bool Time(int64_t* seconds, int64_t* micros) {
    int64_t hour, minute, second = 0;
    if (!Digits(2, 0, 23, &hour) || !Take(':') || !Digits(2, 0, 59, &minute)) return false;
    if (Take(':') && (!Digits(2, 0, 60, &second) || !Fraction(micros))) return false;
    *seconds = hour * 3600 + minute * 60 + second;
    return true;
  }
  // Digits beyond the sixth are cut off.
  bool Fraction(int64_t* micros) {
    if (!Take('.')) return true;
    int64_t scale = kMicros / 10, digit = 0;
    size_t digits = 0;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      if (!Digits(1, 0, 9, &digit)) return false;
      *micros += digit * scale;
      scale /= 10;
      ++digits;
    }
    return digits > 0;
  }
  // "Z", "+01:00", "+0100", "+01", each after an optional space; nothing is UTC.
  bool Zone(int64_t* seconds) {
    Take(' ');
    if (rest_.empty() || Take('Z') || Take('z')) return true;
    bool west = Take('-');
    if (!west && !Take('+')) return false;
    int64_t hours, minutes = 0;
    if (!Digits(2, 0, 23, &hours)) return false;
    bool colon = Take(':');
    if ((colon || !rest_.empty()) && !Digits(2, 0, 59, &minutes)) return false;
    int64_t offset = hours * 3600 + minutes * 60;
    *seconds += west ? offset : -offset;
    return true;
  }

  std::string_view rest_;
};

}  // namespace

std::optional<int64_t> ParseDatetime(std::string_view text) { return DatetimeReader(text).Read(); }

}  // namespace lineal::engine

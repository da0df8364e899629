// The numbers that name things. Each is a type of its own, so that one cannot be passed for another.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace lineal {

// A shard's sequence number: the position of an entry in its change log, and the snapshot a read is taken at.
enum class Seq : uint64_t {};
// One state of a point's vectors, never reused within a shard.
enum class RowId : uint64_t {};
// A row's place in one segment; never leaves that segment.
enum class LocalId : uint32_t {};
inline constexpr LocalId kNoLocal{0xffffffff};
// A shard's number, unique on a node over all collections (shard 0 is `_system`).
enum class ShardId : uint32_t {};

inline constexpr Seq kNoSeq{0};
inline constexpr Seq kSeqMax{std::numeric_limits<uint64_t>::max()};
inline constexpr RowId kNoRow{std::numeric_limits<uint64_t>::max()};

template <class Id>
requires std::is_enum_v<Id>
constexpr auto Raw(Id id) { return static_cast<std::underlying_type_t<Id>>(id); }
inline constexpr Seq Next(Seq seq) { return Seq{Raw(seq) + 1}; }

// A user's name for a point: an unsigned 64-bit number or a UUID. All numbers order before all UUIDs.
class PointId {
 public:
  constexpr PointId() = default;
  static constexpr PointId Number(uint64_t number) { return PointId(0, number, false); }
  static constexpr PointId Uuid(uint64_t high, uint64_t low) { return PointId(high, low, true); }

  // Reads a UUID in hyphenated, simple, `urn:uuid:` or braced form. Nothing if it is none of these.
  static std::optional<PointId> ParseUuid(std::string_view text);
  // Reads a decimal number, else a UUID.
  static std::optional<PointId> Parse(std::string_view text);

  constexpr bool is_uuid() const { return is_uuid_; }
  constexpr uint64_t number() const { return low_; }
  constexpr uint64_t high() const { return high_; }
  constexpr uint64_t low() const { return low_; }

  // "42", or the lower-case hyphenated UUID.
  std::string ToString() const;

  // Order-preserving bytes: a tag byte, then big-endian (9 bytes for numbers, 17 for UUIDs).
  void AppendKey(std::string* key) const;
  static std::optional<PointId> FromKey(std::string_view key);

  friend constexpr auto operator<=>(const PointId& a, const PointId& b) {
    if (auto c = a.is_uuid_ <=> b.is_uuid_; c != 0) return c;
    if (auto c = a.high_ <=> b.high_; c != 0) return c;
    return a.low_ <=> b.low_;
  }
  friend constexpr bool operator==(const PointId&, const PointId&) = default;
  template <class H>
  friend H AbslHashValue(H h, const PointId& id) {
    return H::combine(std::move(h), id.high_, id.low_, id.is_uuid_);
  }

 private:
  constexpr PointId(uint64_t high, uint64_t low, bool is_uuid) : high_(high), low_(low), is_uuid_(is_uuid) {}
  uint64_t high_ = 0;
  uint64_t low_ = 0;
  bool is_uuid_ = false;
};

// A stable 64-bit hash that places a point in a slot; the same on every machine and version.
uint64_t SlotHash(const PointId& id);

}  // namespace lineal

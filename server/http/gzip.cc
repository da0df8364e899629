#include "server/http/gzip.h"

#include <zlib.h>

#include <algorithm>

#include "base/check.h"
#include "base/status.h"

namespace lineal::server {
namespace {

constexpr int kGzipWindow = 15 + 16;

// Ends the stream on every way out.
struct Inflater {
  z_stream stream{};
  bool ready = inflateInit2(&stream, kGzipWindow) == Z_OK;
  ~Inflater() {
    if (ready) inflateEnd(&stream);
  }
};

uint64_t OutputLimit(uint64_t compressed, const GunzipLimits& limits) {
  return std::min(limits.bytes_max, std::max(limits.ratio_free_bytes, compressed * limits.ratio_max));
}

}  // namespace

absl::StatusOr<std::string> Gunzip(std::string_view bytes, const GunzipLimits& limits) {
  Inflater inflater;
  if (!inflater.ready) return Internal("zlib could not start");
  z_stream& stream = inflater.stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  const uint64_t limit = OutputLimit(bytes.size(), limits);
  std::string out;
  for (int code = Z_OK; code != Z_STREAM_END;) {
    const size_t have = out.size();
    if (have > limit) {
      return MakeError(ErrorKind::kPayloadTooLarge,
                       StrCat("compressed body of ", bytes.size(), " bytes unfolds beyond ", limit, " bytes"));
    }
    const size_t step = std::min<uint64_t>(std::max<size_t>(have, 16 << 10), limit + 1 - have);
    out.resize(have + step);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + have);
    stream.avail_out = static_cast<uInt>(step);
    code = inflate(&stream, Z_NO_FLUSH);
    const size_t made = step - stream.avail_out;
    out.resize(have + made);
    if (code != Z_OK && code != Z_STREAM_END) return MakeError(ErrorKind::kMalformed, "body is not valid gzip");
    if (code == Z_OK && made == 0 && stream.avail_in == 0) {
      return MakeError(ErrorKind::kMalformed, "gzip body ends early");
    }
  }
  if (out.size() > limit) {
    return MakeError(ErrorKind::kPayloadTooLarge,
                     StrCat("compressed body of ", bytes.size(), " bytes unfolds beyond ", limit, " bytes"));
  }
  return out;
}

std::string Gzip(std::string_view text) {
  z_stream stream{};
  LINEAL_CHECK(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  LINEAL_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace lineal::server

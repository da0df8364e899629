#include "server/grpc/wire_message.h"

#include <grpcpp/impl/codegen/proto_utils.h>
#include <zlib.h>

#include <algorithm>
#include <vector>

#include "base/status.h"

namespace lineal::server {
namespace {

constexpr size_t kInflateRatioMax = 100;
// Small messages may compress better than that and do no harm.
constexpr size_t kInflateAlways = 1 << 20;

std::string Flatten(const std::vector<grpc::Slice>& slices, size_t size) {
  std::string flat;
  flat.reserve(size);
  for (const grpc::Slice& slice : slices) flat.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return flat;
}

absl::Status NoMessage(const google::protobuf::Message& message) {
  return MakeError(ErrorKind::kMalformed, StrCat("request is not a valid ", message.GetDescriptor()->full_name()));
}

// Ends the stream when it goes out of scope.
class Inflater {
 public:
  Inflater() { ok_ = inflateInit2(&stream_, 15 + 16) == Z_OK; }
  ~Inflater() {
    if (ok_) inflateEnd(&stream_);
  }
  bool ok() const { return ok_; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
  bool ok_;
};

}  // namespace

bool IsGzip(std::string_view bytes) { return bytes.size() >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b'; }

absl::StatusOr<std::string> InflateGzip(std::string_view bytes, size_t bytes_max) {
  Inflater inflater;
  if (!inflater.ok()) return Internal("no memory to inflate a request");
  z_stream& stream = inflater.stream();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  const size_t limit = std::min(bytes_max, std::max(kInflateAlways, bytes.size() * kInflateRatioMax));
  std::string out;
  for (;;) {
    const size_t had = out.size();
    if (had > limit) {
      return MakeError(ErrorKind::kPayloadTooLarge, StrCat("request inflates to more than ", limit, " bytes"));
    }
    out.resize(std::min(limit + 1, std::max<size_t>(had * 2, 64 << 10)));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + had);
    stream.avail_out = static_cast<uInt>(out.size() - had);
    const int result = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (result == Z_STREAM_END) return out;
    if (result != Z_OK || (stream.avail_in == 0 && stream.avail_out != 0)) {
      return MakeError(ErrorKind::kMalformed, "request is broken gzip");
    }
  }
}

absl::Status ParseMessage(const grpc::ByteBuffer& bytes, size_t bytes_max, google::protobuf::Message* message) {
  if (bytes.Length() == 0) return absl::OkStatus();
  std::vector<grpc::Slice> slices;
  if (!bytes.Dump(&slices).ok() || slices.empty()) return Internal("the request's bytes cannot be read");
  std::string_view head(reinterpret_cast<const char*>(slices[0].begin()), slices[0].size());
  if (IsGzip(head)) {
    LINEAL_ASSIGN_OR_RETURN(std::string plain, InflateGzip(Flatten(slices, bytes.Length()), bytes_max));
    return message->ParseFromString(plain) ? absl::OkStatus() : NoMessage(*message);
  }
  if (slices.size() == 1) {
    const bool parsed = message->ParseFromArray(slices[0].begin(), static_cast<int>(slices[0].size()));
    return parsed ? absl::OkStatus() : NoMessage(*message);
  }
  grpc::ByteBuffer copy(slices.data(), slices.size());
  grpc::ProtoBufferReader reader(&copy);
  return message->ParseFromZeroCopyStream(&reader) ? absl::OkStatus() : NoMessage(*message);
}

absl::Status SerializeMessage(const google::protobuf::Message& message, grpc::ByteBuffer* bytes) {
  bool own_buffer = false;
  grpc::Status status =
      grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::Message>(message, bytes, &own_buffer);
  return status.ok() ? absl::OkStatus() : Internal("the answer cannot be serialised: ", status.error_message());
}

}  // namespace lineal::server

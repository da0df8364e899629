#include "server/grpc/grpc_server.h"

#include <grpc/support/time.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <mutex>
#include <utility>

#include "base/log.h"
#include "base/status.h"
#include "server/grpc/call_gate.h"
#include "server/grpc/connection_acceptor.h"
#include "server/grpc/method_table.h"

namespace lineal::server {
namespace {

constexpr int kConcurrentStreamsMax = 256;
constexpr int kMetadataBytesMax = 16 << 10;
constexpr int kHandshakeTimeoutMs = 10'000;
constexpr int kKeepaliveTimeMs = 60'000;
constexpr int kKeepaliveTimeoutMs = 20'000;
// A client that pings more often than this is disconnected.
constexpr int kClientPingIntervalMinMs = 10'000;

void SetLimits(const GrpcOptions& options, grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(options.max_message_bytes);
  builder->SetMaxSendMessageSize(options.max_message_bytes);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kConcurrentStreamsMax);
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
  builder->AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeTimeoutMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kClientPingIntervalMinMs);
  // gRPC's decompression has no bound on what comes out; ParseMessage has.
  builder->AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
}

class Server final : public GrpcServer {
 public:
  Server(const GrpcOptions& options, const Service& service)
      : gate_(service, AllMethods(), static_cast<size_t>(options.max_message_bytes)) {}
  ~Server() override { Stop(0); }

  absl::Status Open(const GrpcOptions& options) {
    ConnectionAcceptor::Options listen;
    listen.host = options.host;
    listen.port = options.port;
    listen.connections_max = options.connections_max;
    listen.clock = gate_.service().clock;
    LINEAL_ASSIGN_OR_RETURN(acceptor_, ConnectionAcceptor::Listen(listen));

    grpc::ServerBuilder builder;
    SetLimits(options, &builder);
    builder.RegisterCallbackGenericService(&gate_);
    entrance_ = builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, grpc::InsecureServerCredentials());
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) return Unavailable("gRPC does not start");
    acceptor_->Start({
        [this](int listener_fd, int fd) { HandOver(listener_fd, fd); },
        [this] { gate_.service().metrics->CountRefused("connection_cap"); },
        [this](size_t open) { Tick(open); },
    });
    return absl::OkStatus();
  }

  uint16_t port() const override { return acceptor_->port(); }

  void Stop(int64_t drain_ms) override {
    std::lock_guard lock(stop_mutex_);
    if (acceptor_) acceptor_->Stop();
    if (server_ == nullptr || stopped_) return;
    stopped_ = true;
    server_->Shutdown(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(drain_ms, GPR_TIMESPAN)));
  }

 private:
  void HandOver(int listener_fd, int fd) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.listener_fd = listener_fd;
    connection.fd = fd;
    entrance_->HandleNewConnection(&connection);
  }

  void Tick(size_t open) {
    gate_.service().metrics->SetConnections("grpc", static_cast<int64_t>(open));
    const size_t cancelled = gate_.idle_calls().CancelExpired(gate_.service().clock->MonotonicNs());
    if (cancelled != 0) {
      Log(LogLevel::kInfo, "gRPC calls cancelled: no message came", {{"calls", StrCat(cancelled)}});
    }
  }

  CallGate gate_;
  std::unique_ptr<ConnectionAcceptor> acceptor_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> entrance_;
  std::unique_ptr<grpc::Server> server_;
  std::mutex stop_mutex_;
  bool stopped_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(const GrpcOptions& options, const Service& service) {
  auto server = std::make_unique<Server>(options, service);
  LINEAL_RETURN_IF_ERROR(server->Open(options));
  return server;
}

}  // namespace lineal::server

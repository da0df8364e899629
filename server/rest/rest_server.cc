#include "server/rest/rest_server.h"

#include <utility>

#include "base/status.h"
#include "server/http/http_server.h"
#include "server/rest/rest_application.h"

namespace lineal::server {
namespace {

class RestServerImpl final : public RestServer {
 public:
  explicit RestServerImpl(const Service& service) : application_(service) {}
  ~RestServerImpl() override { Stop(0); }

  absl::Status Listen(const HttpServerOptions& options, WorkPool* work) {
    LINEAL_ASSIGN_OR_RETURN(http_, HttpServer::Start(options, &application_, work));
    return absl::OkStatus();
  }
  uint16_t port() const override { return http_->port(); }
  void Stop(int64_t drain_ms) override {
    if (http_) http_->Stop(drain_ms);
  }

 private:
  RestApplication application_;
  std::unique_ptr<HttpServer> http_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RestServer>> RestServer::Start(const RestOptions& options, const Service& service) {
  HttpServerOptions http;
  http.host = options.host;
  http.port = options.port;
  http.io_threads = options.io_threads;
  http.connections_max = options.connections_max;
  http.idle_timeout_ms = options.idle_timeout_ms;
  http.header_timeout_ms = options.header_timeout_ms;
  http.body_pause_ms = options.header_timeout_ms;
  http.body_bytes_max = service.body_bytes_max;
  auto server = std::make_unique<RestServerImpl>(service);
  LINEAL_RETURN_IF_ERROR(server->Listen(http, service.work));
  return absl::StatusOr<std::unique_ptr<RestServer>>(std::move(server));
}

}  // namespace lineal::server

#include "server/http/http_server.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <optional>
#include <vector>

#include "base/executor.h"
#include "base/log.h"
#include "base/status.h"
#include "server/http/http_session.h"

namespace lineal::server {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr auto kAcceptBackoff = std::chrono::milliseconds(50);
constexpr int kBacklog = 4096;

// An io thread with the sessions it runs.
struct IoLoop {
  IoLoop() : io(1), guard(asio::make_work_guard(io)) {}
  asio::io_context io;
  asio::executor_work_guard<asio::io_context::executor_type> guard;
  HttpSessions sessions;
  ServiceThread thread;
};

bool IsExhaustion(const error_code& error) {
  return error == boost::system::errc::too_many_files_open ||
         error == boost::system::errc::too_many_files_open_in_system || error == boost::system::errc::no_buffer_space ||
         error == boost::system::errc::not_enough_memory;
}

class HttpServerImpl final : public HttpServer {
 public:
  HttpServerImpl(const HttpServerOptions& options, HttpApplication* application, WorkPool* work) {
    state_.options = options;
    state_.application = application;
    state_.work = work;
    for (int i = 0; i < std::max(1, options.io_threads); ++i) loops_.push_back(std::make_unique<IoLoop>());
    acceptor_.emplace(loops_.front()->io);
  }
  ~HttpServerImpl() override { Stop(0); }

  absl::Status Listen();
  void Run();
  uint16_t port() const override { return port_; }
  size_t connections() const override { return static_cast<size_t>(state_.open()); }
  void Stop(int64_t drain_ms) override;

 private:
  asio::awaitable<void> Accept();
  void Begin(tcp::socket socket, IoLoop* loop);
  void TurnAway(tcp::socket socket);
  void CloseSessions(bool force);

  HttpState state_;
  std::vector<std::unique_ptr<IoLoop>> loops_;
  std::optional<tcp::acceptor> acceptor_;
  uint16_t port_ = 0;
  std::mutex stop_mutex_;
  bool stopped_ = false;
};

absl::Status HttpServerImpl::Listen() {
  const HttpServerOptions& options = state_.options;
  const auto failed = [&](std::string_view step, const error_code& error) {
    return Unavailable("cannot ", step, " ", options.host, ":", options.port, ": ", error.message());
  };
  error_code error;
  tcp::resolver resolver(loops_.front()->io);
  auto found = resolver.resolve(options.host, std::to_string(options.port), tcp::resolver::passive, error);
  if (error || found.empty()) return failed("resolve", error);
  const tcp::endpoint endpoint = found.begin()->endpoint();
  acceptor_->open(endpoint.protocol(), error);
  if (error) return failed("open a socket for", error);
  acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
  acceptor_->bind(endpoint, error);
  if (error) return failed("bind", error);
  acceptor_->listen(kBacklog, error);
  if (error) return failed("listen on", error);
  port_ = acceptor_->local_endpoint(error).port();
  return absl::OkStatus();
}

void HttpServerImpl::Run() {
  asio::co_spawn(loops_.front()->io, Accept(), asio::detached);
  for (auto& loop : loops_) {
    loop->thread = ServiceThread("http-io", [loop = loop.get()] { loop->io.run(); });
  }
}

asio::awaitable<void> HttpServerImpl::Accept() {
  size_t turn = 0;
  bool exhausted = false;
  asio::steady_timer pause(loops_.front()->io);
  for (;;) {
    IoLoop* loop = loops_[turn++ % loops_.size()].get();
    auto [error, socket] = co_await acceptor_->async_accept(loop->io, asio::as_tuple(asio::use_awaitable));
    if (state_.stopping.load() || error == asio::error::operation_aborted) co_return;
    if (!error) {
      exhausted = false;
      if (connections() >= state_.options.connections_max) {
        TurnAway(std::move(socket));
      } else {
        Begin(std::move(socket), loop);
      }
      continue;
    }
    if (!IsExhaustion(error)) continue;
    if (!exhausted) Log(LogLevel::kWarning, "out of descriptors, not accepting", {{"error", error.message()}});
    exhausted = true;
    state_.application->Refused("descriptors");
    pause.expires_after(kAcceptBackoff);
    auto [waited] = co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    if (waited) co_return;
  }
}

void HttpServerImpl::Begin(tcp::socket socket, IoLoop* loop) {
  auto session = std::make_shared<HttpSession>(std::move(socket), &state_, &loop->sessions);
  auto ended = [](std::exception_ptr problem) {
    if (!problem) return;
    try {
      std::rethrow_exception(problem);
    } catch (const std::exception& e) {
      Log(LogLevel::kError, "a connection failed", {{"error", e.what()}});
    }
  };
  asio::co_spawn(loop->io, session->Serve(), std::move(ended));
}

// Says why, as far as that goes without waiting, and closes.
void HttpServerImpl::TurnAway(tcp::socket socket) {
  static const std::string kAnswer =
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  state_.application->Refused("connection_cap");
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(kAnswer), ignored);
  socket.shutdown(tcp::socket::shutdown_both, ignored);
}

void HttpServerImpl::CloseSessions(bool force) {
  for (auto& loop : loops_) {
    asio::post(loop->io, [loop = loop.get(), force] {
      for (HttpSession* session : loop->sessions) session->Close(force);
    });
  }
}

void HttpServerImpl::Stop(int64_t drain_ms) {
  std::lock_guard lock(stop_mutex_);
  if (stopped_) return;
  stopped_ = true;
  state_.stopping.store(true);
  asio::post(loops_.front()->io, [this] {
    error_code ignored;
    acceptor_->close(ignored);
  });
  CloseSessions(false);
  if (!state_.WaitAllClosed(drain_ms)) CloseSessions(true);
  for (auto& loop : loops_) loop->guard.reset();
  for (auto& loop : loops_) loop->thread.Join();
  acceptor_.reset();
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpServerOptions& options,
                                                              HttpApplication* application, WorkPool* work) {
  auto server = std::make_unique<HttpServerImpl>(options, application, work);
  LINEAL_RETURN_IF_ERROR(server->Listen());
  server->Run();
  return absl::StatusOr<std::unique_ptr<HttpServer>>(std::move(server));
}

}  // namespace lineal::server

#pragma once

// The Host of a real machine: net's loop and connections, and the file system.

#include <memory>
#include <random>

#include "modes/client/host.h"
#include "modes/client/incoming_file.h"
#include "modes/client/trust.h"
#include "modes/net/event_loop.h"

namespace netchat::client {

// Loop thread only; the loop must outlive it.
class RealHost : public Host {
  public:
    // `trust`: connections are in TLS; null: plain.
    RealHost(net::EventLoop& loop, DownloadsFolder folder, std::shared_ptr<const Trust> trust = {});

    int64_t nowMs() const override { return loop_.nowMs(); }
    uint64_t random() override { return random_(); }
    void post(std::function<void()> task) override;
    TimerId after(int64_t ms, std::function<void()> task) override {
        return loop_.after(ms, std::move(task));
    }
    void cancel(TimerId timer) override { loop_.cancel(timer); }

    std::unique_ptr<Link> connect(const net::HostPort& server, int64_t timeoutMs,
                                  Link::Handler& handler) override;
    Result<std::unique_ptr<Source>> openSource(const std::filesystem::path& path) override;
    Result<std::unique_ptr<Incoming>> openIncoming(const Arriving& file) override;

  private:
    net::EventLoop& loop_;
    const DownloadsFolder folder_;
    const std::shared_ptr<const Trust> trust_;
    bool swept_ = false;  // the folder's forgotten partial files were looked for
    std::mt19937_64 random_;
};

}  // namespace netchat::client

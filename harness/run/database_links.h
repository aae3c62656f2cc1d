#pragma once

// The way between the run's server and its pair of databases, where its connections are reset. On a
// thread of its own: while the run's loop waits for the server to start or to end, the server goes
// on talking to its databases.

#include <array>
#include <cstdint>
#include <memory>

#include "harness/faults/proxy.h"
#include "harness/run/breakable.h"
#include "modes/net/event_loop.h"

namespace netchat::harness {

// One thread.
class DatabaseLinks final : public Breakable {
  public:
    // To the databases at these ports of 127.0.0.1.
    static Result<std::unique_ptr<DatabaseLinks>> create(const std::array<uint16_t, 2>& databases);
    ~DatabaseLinks() override;

    // Those that lead to these databases.
    const std::array<uint16_t, 2>& ports() const { return ports_; }
    void strike(const FaultStep& step) override;
    // The server connects again by itself.
    bool isWhole() const override { return true; }

  private:
    DatabaseLinks() = default;

    std::array<uint16_t, 2> ports_{};
    std::array<std::unique_ptr<Proxy>, 2> proxies_;  // on the thread's loop
    net::LoopThread thread_;
};

}  // namespace netchat::harness

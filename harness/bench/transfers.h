#pragma once

// Downloads that are always under way through the server, while something else is measured. They
// have a thread of their own, so that they do not delay what is measured more than the machine
// must.
//
//     one member uploads the file --> the others get it, and get it again when they have it

#include <atomic>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/bench/file_drop.h"
#include "harness/bench/member.h"
#include "modes/net/event_loop.h"
#include "protocol/result.h"

namespace netchat::harness {

// Any thread, one at a time.
class Transfers final : public MemberSink {
  public:
    // v2; `count` downloads of a file of so many bytes.
    Transfers(const Poco::Net::SocketAddress& address,
              const std::shared_ptr<const net::TlsContext>& tls, size_t count, uint64_t fileBytes,
              const std::string& nickPrefix);
    ~Transfers();
    // Blocks until bytes of all of them have come.
    Status waitUntilUnderWay(int64_t timeoutMs);
    uint64_t bytes() const { return bytes_; }
    // Nothing, or what has gone wrong since.
    std::string failure() const;

  private:
    void onReady(Member& member) override;
    void onText(Member&, std::string_view, std::string_view) override {}
    void onAccepted(Member& member, uint64_t id) override { file_.accepted(member, id); }
    void onDrained(Member& member) override;
    void onFile(Member& member, uint64_t size, std::string_view sha256) override;
    void onFileBytes(Member& member, std::string_view bytes) override;
    void onFailed(Member& member, std::string_view why) override;
    void getAgain(Member& member);

    // Its loop's thread.
    const uint64_t fileBytes_;
    FileDrop file_;
    std::string sha256_;
    size_t ready_ = 0, begun_ = 0;
    std::vector<uint64_t> left_;  // of each member's file

    std::atomic<uint64_t> bytes_{0};
    std::atomic<bool> failed_{false};
    std::promise<Status> underWay_;  // set once, when all are, or one failed
    std::atomic<bool> told_{false};
    net::LoopThread thread_;
    std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace netchat::harness

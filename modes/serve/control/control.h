#pragma once

// The operators' desk: takes what is heard on the control socket to the hub, and its answers back.
//
//     socket --line--> desk --AdminRequest--> hub --SnapshotRequest--> loops
//                       ^                 |  <--SnapshotTaken--
//                       +----- Answer ----+

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <unordered_map>

#include "modes/net/event_loop.h"
#include "modes/serve/control/control_socket.h"
#include "modes/serve/hub/commands.h"
#include "modes/serve/moderation/admin_command.h"
#include "protocol/result.h"

namespace netchat::serve {

// The loop's thread only, but for answer().
class ControlDesk {
  public:
    struct Ports {
        std::function<void(CommandBatch)> post;          // to the hub
        std::function<void(int64_t forMs)> drain;        // everyone was told
        std::function<void(const std::string&)> notice;  // for the log
    };

    static Result<std::unique_ptr<ControlDesk>> open(net::EventLoop& loop,
                                                     const std::filesystem::path& folder,
                                                     Ports ports);

    // Orders are taken from now on.
    void start();
    // Any thread.
    void makeSocketIfGone();
    // The hub's answer; any thread.
    void answer(uint64_t ticket, Answer answer);

  private:
    ControlDesk(net::EventLoop& loop, std::filesystem::path folder, Ports ports);
    void heard(ControlSocket::LinkId link, uid_t who, std::string_view line);
    void answerNow(uint64_t ticket, Answer& answer);
    void addOwnFacts(Row& row) const;

    net::EventLoop& loop_;
    std::filesystem::path folder_;
    Ports ports_;
    int64_t startedMs_;
    bool draining_ = false;
    // A link asks one thing at a time: its number is the ticket.
    std::unordered_map<uint64_t, std::shared_ptr<const AdminCommand>> asked_;
    std::unique_ptr<ControlSocket> socket_;
};

}  // namespace netchat::serve

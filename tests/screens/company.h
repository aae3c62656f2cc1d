#pragma once

// A server on a free port with people at it, in a folder that goes away with them; whoever is
// looked at sits at an emulated terminal.

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "tests/screens/emulated_terminal.h"
#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace netchat::test {

inline constexpr int kScreenWidth = 100, kScreenHeight = 28;

// One thread.
class Company {
  public:
    explicit Company(std::string netchat);

    uint16_t port() const { return port_; }
    // Somebody at pipes, when they are in the room.
    Process& joins(const std::string& nick, const std::string& room);
    // Somebody at a terminal, who need not be in the room yet. Without a port: the server's.
    std::unique_ptr<EmulatedTerminal> looksAt(const std::string& nick, const std::string& room,
                                              uint16_t port = 0);
    // The folder that a nick's programs run in and receive files into.
    std::filesystem::path folderOf(const std::string& nick) const;

  private:
    TempFolder folder_;
    std::string netchat_;
    std::unique_ptr<Process> server_;
    uint16_t port_ = 0;
    std::string fingerprint_;  // of its certificate, as links have it
    std::list<Process> people_;
};

}  // namespace netchat::test

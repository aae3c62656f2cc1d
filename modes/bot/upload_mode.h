#pragma once

// `netchat bot --nick ci --upload report.pdf logs`: drops files, the files of folders, or standard
// input, and leaves when each of them is in its room's log. Tells a line for each: its SHA-256 and
// its name, as sha256sum does.

#include <memory>
#include <string>
#include <vector>

#include "modes/bot/input_spool.h"
#include "modes/bot/output.h"
#include "modes/bot/solo.h"

namespace netchat::bot {

// Loop thread only.
class UploadMode : public Solo {
  public:
    // `paths`: what is to be sent; "-": `inputFd`. `as`: what the only one is called; may be empty.
    UploadMode(net::EventLoop& loop, const ChatFactory& factory, SoloSettings settings,
               std::vector<std::string> paths, std::string as, int inputFd, Output& output,
               std::function<void(const Outcome&)> finished);
    ~UploadMode() override;

  private:
    void onReady() override;
    bool onHeard(const client::Event& event) override;
    Outcome onDrained() override;

    void sendPaths();
    void send(const std::filesystem::path& path, const client::UploadAs& as);
    void spooled(const Status& status);
    void fail(const std::string& why);
    void look();

    const std::vector<std::string> paths_;
    const std::string as_;
    const int inputFd_;
    Output& output_;
    std::unique_ptr<InputSpool> spool_;
    std::vector<std::string> failures_;
    uint64_t seen_ = 0;                   // how far all transfers were when it was looked at last
    uint64_t heard_ = 0, heardSeen_ = 0;  // events, as signs of life
    int64_t stillMs_ = 0;                 // for so long nothing has moved, by the looks taken
    net::EventLoop::TimerId look_ = 0;
};

}  // namespace netchat::bot

#pragma once

// `make 2>&1 | netchat bot --nick ci --stdin lines`: says each line of its input and leaves when
// all of it is in the log.

#include <memory>

#include "modes/bot/solo.h"
#include "modes/client/line_input.h"

namespace netchat::bot {

// Lines said and not acknowledged: beyond it the input is not read, and its writer waits.
inline constexpr size_t kLinesWindow = 64;

// Loop thread only.
class LinesMode : public Solo, public client::LineInput::Reader {
  public:
    LinesMode(net::EventLoop& loop, const ChatFactory& factory, SoloSettings settings, int inputFd,
              std::function<void(const Outcome&)> finished)
        : Solo(loop, factory, std::move(settings), std::move(finished)), inputFd_(inputFd) {}

  private:
    void onReady() override;
    bool onHeard(const client::Event& event) override;
    void onPoll() override { regulate(); }
    Outcome onDrained() override;

    void onLine(std::string_view line) override;
    void onLongLine() override;
    void onInputEnd() override { drain(); }
    void onInputFailed(const std::string& why) override;
    bool wantsFiles() const override { return false; }

    void say(std::string_view text);
    void regulate();
    void stall();

    int inputFd_;
    std::unique_ptr<client::LineInput> input_;
    size_t lines_ = 0, refused_ = 0;
    std::string inputFailure_;
    size_t acknowledgedSeen_ = 0, said_ = 0;
    net::EventLoop::TimerId stall_ = 0;
};

}  // namespace netchat::bot

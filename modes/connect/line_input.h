#pragma once

// Lines from a descriptor, be it a terminal, a pipe or a file. It does not change the descriptor's
// flags, which it shares with whoever started the program.

#include <memory>
#include <string>
#include <string_view>

#include "modes/connect/input.h"
#include "modes/connect/line_splitter.h"
#include "modes/net/event_loop.h"

namespace netchat::connect {

// Loop thread only. `fd` is borrowed.
class LineInput : public Input, private net::Watcher {
  public:
    LineInput(net::EventLoop& loop, int fd);
    ~LineInput() override;

    void start(Reader& reader) override;
    void setPaused(bool paused) override;

  private:
    enum class Source {
        Unknown,  // not yet started
        Watched,  // epoll tells when there is something to read
        Ready,    // a file, which epoll does not take: always ready, read in slices by posted tasks
        Ended,
    };

    void onReady(uint32_t events) override;
    void readSome();
    void deliver();
    void end();
    void postTurn();
    void updateWatch();

    net::EventLoop& loop_;
    const int fd_;
    Reader* reader_ = nullptr;
    Source source_ = Source::Unknown;
    bool paused_ = false;
    bool watching_ = false;
    bool posted_ = false;
    LineSplitter splitter_;
    std::string buffer_;       // what one read brought
    std::string_view unread_;  // the part of buffer_ that was not delivered yet
    std::shared_ptr<char> alive_ = std::make_shared<char>();  // posted tasks hold it weakly
};

}  // namespace netchat::connect

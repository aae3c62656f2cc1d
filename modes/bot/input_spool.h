#pragma once

// Standard input into a file without a name: a file is offered with its size and its hash, so all
// of it has to be here before. The file is gone with its descriptor, also after a kill.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "modes/net/event_loop.h"
#include "protocol/result.h"

namespace netchat::bot {

// Loop thread only. `input` is borrowed.
class InputSpool : private net::Watcher {
  public:
    // Told once, from a later turn: all of it is here, or why not.
    using Done = std::function<void(Status)>;

    // `bytesMax`: more is TooLarge; 0: no bound but the disk's.
    InputSpool(net::EventLoop& loop, int input, uint64_t bytesMax, Done done);
    ~InputSpool();
    InputSpool(const InputSpool&) = delete;
    InputSpool& operator=(const InputSpool&) = delete;

    // Where it can be opened, as long as this object lives.
    std::string path() const;

  private:
    Status open();
    void onReady(uint32_t events) override;
    void postTurn();
    void readSome();
    Status keep(const char* bytes, size_t size);
    void finish(Status status);

    net::EventLoop& loop_;
    const int input_;
    const uint64_t bytesMax_;
    Done done_;
    int file_ = -1;
    uint64_t size_ = 0;
    bool watching_ = false;
    std::shared_ptr<char> alive_ = std::make_shared<char>();  // posted tasks hold it weakly
};

}  // namespace netchat::bot

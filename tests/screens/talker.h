#pragma once

// Somebody who says numbered lines at a steady pace, much faster than anybody types.

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "tests/support/v2_by_hand.h"

namespace netchat::test {

// What it does, it does in threads of its own, from its construction to its end.
class Talker {
  public:
    // Stops by itself after so many.
    Talker(uint16_t port, unsigned perSecond, unsigned count);
    ~Talker();
    Talker(const Talker&) = delete;
    Talker& operator=(const Talker&) = delete;

    // About 60 bytes.
    static std::string textOf(unsigned number);

  private:
    void talk();
    void listen();

    V2ByHand client_;
    const unsigned perSecond_, count_;
    std::atomic<bool> stopping_{false};
    std::thread talking_, listening_;
};

}  // namespace netchat::test

#pragma once

// What a person sees while a run goes on: on a terminal one line that moves, otherwise a line now
// and then. Standard error only. One thread.

#include <cstdint>
#include <string>

namespace netchat::harness {

class Progress {
  public:
    Progress();
    ~Progress();  // leaves the cursor on a fresh line

    // A line that stays.
    void say(const std::string& text);
    // The present state of things, shown if it is time to.
    void show(const std::string& text, int64_t nowMs);

  private:
    const bool terminal_;
    bool open_ = false;  // the moving line is not ended
    int64_t shownMs_ = 0;
    std::string shown_;
};

}  // namespace netchat::harness

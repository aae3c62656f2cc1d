#pragma once

// Where the server says what happened, for its owner. Any thread; texts from outside must have
// passed through forLog() (protocol/text_safety.h).

#include <string>

namespace netchat::serve {

class Log {
  public:
    virtual ~Log() = default;
    virtual void notice(const std::string& text) = 0;  // refused, failed, started, stopped
    virtual void detail(const std::string& text) = 0;  // who came and went
    virtual bool wantsDetail() const = 0;
};

}  // namespace netchat::serve

#pragma once

// The server's log on stderr, one line per event: time, level, text.
//
//     any thread --line--> bounded queue --> a thread of its own --> stderr
//
// Whoever logs never waits for whoever reads: a pipe that nobody empties must not stop a server.
// Lines beyond the bound are dropped, and a line says how many.

#include <atomic>
#include <deque>
#include <string>
#include <thread>

#include "modes/mutex.h"
#include "modes/serve/base/log.h"

namespace netchat::cmd {

class StderrLog : public serve::Log {
  public:
    enum class Level { Quiet, Notice, Detail };

    explicit StderrLog(Level level);
    ~StderrLog() override;  // gives the reader a moment for what is left

    void notice(const std::string& text) override;
    void detail(const std::string& text) override;
    bool wantsDetail() const override { return level_ == Level::Detail; }
    void setLevel(Level level) { level_ = level; }

  private:
    void add(const char* level, const std::string& text);
    void work();
    bool write(std::string_view line);
    bool stopping();

    std::atomic<Level> level_;

    Mutex mutex_;
    Condition wake_;
    std::deque<std::string> lines_ GUARDED_BY(mutex_);
    size_t dropped_ GUARDED_BY(mutex_) = 0;
    bool stopping_ GUARDED_BY(mutex_) = false;

    std::thread thread_;  // last: it uses all of the above
};

}  // namespace netchat::cmd

#pragma once

// Lines from a descriptor, be it a terminal, a pipe or a file, without blocking the loop. The
// descriptor's flags, which are shared with whoever started the program, stay as they are.

#include <memory>
#include <string>
#include <string_view>

#include "modes/client/write_wait.h"
#include "modes/net/event_loop.h"

namespace netchat::client {

// Loop thread only. `fd` is borrowed. It may be destroyed by its reader.
class LineInput : private net::Watcher {
  public:
    class Reader {
      public:
        // Without its newline; valid until it returns.
        virtual void onLine(std::string_view line) = 0;
        // A line beyond the bound, which was not kept.
        virtual void onLongLine() = 0;
        // Nothing follows; a last line without a newline was told.
        virtual void onInputEnd() = 0;
        // In place of onInputEnd(): the rest cannot be read, such as that of a folder.
        virtual void onInputFailed(const std::string& /*why*/) { onInputEnd(); }

      protected:
        ~Reader() = default;
    };

    // Reading begins at once, but no line is told before the constructor has returned.
    LineInput(net::EventLoop& loop, int fd, size_t lineBytesMax, Reader& reader);
    ~LineInput();
    LineInput(const LineInput&) = delete;
    LineInput& operator=(const LineInput&) = delete;

    // While it is paused nothing is read, so that the writer of a pipe waits, and nothing is told.
    void setPaused(bool paused);
    // What the writer sends while the loop waits for something to be written is kept, paused or
    // not: a program that reads what is written there may be waiting for its own words to be taken.
    // Beyond 16 MiB it waits.
    WriteWait::Meanwhile aheadOfTurn();

  private:
    enum class Source {
        Watched,  // epoll tells when there is something to read
        Ready,    // a file, which epoll does not take: read in slices, by posted tasks
        Ended,    //
    };

    void onReady(uint32_t events) override;
    void update();
    void setWatching(bool on);
    void postTurn();
    void turn();
    void readSome();
    void readAhead();
    void takeAhead();
    void deliver();
    bool tellOne();
    void tellLast();

    net::EventLoop& loop_;
    const int fd_;
    const size_t lineBytesMax_;
    Reader& reader_;
    Source source_ = Source::Watched;
    bool paused_ = false;
    bool watching_ = false;
    bool posted_ = false;
    std::string held_;   // read and not told yet: at most one incomplete line and one slice
    size_t from_ = 0;    // where in held_ the next line begins
    std::string ahead_;  // read by readAhead(), and not looked at yet
    bool aheadEnds_ = false;
    std::string failure_;    // why what follows cannot be read
    bool skipping_ = false;  // in the middle of a line beyond the bound
    std::shared_ptr<char> alive_ =
        std::make_shared<char>();  // posted tasks look whether it is gone
};

}  // namespace netchat::client

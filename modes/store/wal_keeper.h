#pragma once

// Keeps the write-ahead log of a database short, beside whoever writes it: moving its pages into
// the database means syncing both, for which nobody who chats should wait.
//
//   writer   --(every kTellFrames pages)-->  keeper's thread: moves what it can
//            --(from kMaxFrames on)------->  the writer itself: what little is left then
//
// A write-ahead log begins anew when all of it was moved and nothing was written meanwhile: between
// two messages usually, and at the latest when the writer does it.

#include <Poco/Data/Session.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

namespace netchat::store {

class WalKeeper {
  public:
    // `writer`, a session on `file`, outlives this and is used by one thread.
    WalKeeper(Poco::Data::Session& writer, std::filesystem::path file);
    ~WalKeeper();
    WalKeeper(const WalKeeper&) = delete;
    WalKeeper& operator=(const WalKeeper&) = delete;

  private:
    void committed(int frames);
    void work();

    Poco::Data::Session& writer_;
    const std::filesystem::path file_;
    int toldAt_ = 0;  // the writer's thread only

    std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    bool told_ = false, stopping_ = false;

    std::thread thread_;  // last: it uses all of the above
};

}  // namespace netchat::store

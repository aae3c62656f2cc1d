#pragma once

// A part of the disk that is held for what must be written when it is full: what operators rule,
// the lines that say so, and what a start needs.
//
//     DATA/reserve    [################]      so many bytes, really allocated
//     spend(work)     [############]  ....    the disk is full: a piece is given up for the work,
//                     [################]      and taken back after it, as far as there is room
//                     [kept ]                 for sanctions: nothing else gets the last half
//
// What people say must not be written out of it: they would use it up. While the disk is full the
// log takes nothing from them, even where a little would fit.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "modes/mutex.h"
#include "protocol/limits.h"
#include "protocol/result.h"

namespace netchat::store {

// Any thread.
class Reserve {
  public:
    static constexpr uint64_t kBytes = 4 * limits::kMiB;
    // `tell`: that the disk is full, and that it is no longer, each once.
    using Tell = std::function<void(const std::string& text)>;

    // Takes what is there of it, and as much more as there is room for: a full disk is no error.
    static std::unique_ptr<Reserve> open(const std::filesystem::path& folder, Tell tell,
                                         uint64_t bytes = kBytes);
    ~Reserve();
    Reserve(const Reserve&) = delete;
    Reserve& operator=(const Reserve&) = delete;

    // What room is asked for: a kick, a ban, a mute, the line that says so; or what operators and
    // readers can do without sooner.
    enum class For { Sanction, Other };
    // Does `work`, which answers a Status or a Result. Where that is NoRoom, it is done again with
    // room from the reserve: a piece of it, and if need be all that there is for it.
    template <class Work>
    auto spend(const Work& work, For what = For::Sanction) {
        auto done = work();
        for (const uint64_t bytes : {kPiece, kBytes}) {
            if (done || done.error().code != ErrorCode::NoRoom) break;
            giveUp(bytes, what);
            done = work();
            refill();
        }
        return done;
    }
    // Does `work` with so many bytes of the disk, which gives back at least as many when it
    // succeeds. False, and nothing is done: there are not so many, the reserve included.
    bool lend(uint64_t bytes, const std::function<void()>& work);

    // Where the disk has less than a start may need, all is given up; until refill(). Tells where
    // no reserve can be held for another reason.
    void giveUpToStart();
    // Somebody could not write.
    void noteFull();
    // Takes back what there is room for. True where the disk is not full (any more).
    bool refill();
    bool isFull() const;
    // What it holds now.
    uint64_t bytes() const;

  private:
    static constexpr uint64_t kPiece = 256 * limits::kKiB;
    // Beyond the reserve: with less the disk counts as full.
    static constexpr uint64_t kMargin = limits::kMiB;

    Reserve(int fd, int error, std::filesystem::path folder, Tell tell, uint64_t bytes);
    void giveUp(uint64_t bytes, For what);
    uint64_t freeBytes() const;
    bool allocate(uint64_t bytes) REQUIRES(mutex_);
    void cutTo(uint64_t bytes) REQUIRES(mutex_);
    bool lacksRoom() const REQUIRES(mutex_);
    bool refillLocked() REQUIRES(mutex_);
    void fullLocked() REQUIRES(mutex_);
    bool endFull() REQUIRES(mutex_);

    const int fd_;  // -1: there is none, and nothing to give up
    const std::filesystem::path folder_;
    const Tell tell_;
    const uint64_t wanted_;
    mutable Mutex mutex_;
    uint64_t held_ GUARDED_BY(mutex_) = 0;
    int error_ GUARDED_BY(mutex_) = 0;  // why it could not be allocated the last time
    bool full_ GUARDED_BY(mutex_) = false;
};

}  // namespace netchat::store

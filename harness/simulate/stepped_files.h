#pragma once

// The file store of a simulated server: the real vault on the simulated disk; what the real store
// does on its thread is done a job at a time, when the simulation says so.

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "modes/store/file_store.h"
#include "modes/store/file_vault.h"

namespace netchat::simulate {

class SteppedFiles : public store::FileStore {
  public:
    using Clock = std::function<int64_t()>;  // Unix time

    SteppedFiles(store::Disk& disk, store::FileVault::Options options, Clock clock)
        : clock_(std::move(clock)), vault_(disk, std::move(options), clock_()) {}

    UploadId begin(uint64_t size, std::string_view sha256, Owner owner, Begun done) override;
    void write(UploadId id, std::string bytes, Written done) override;
    void finish(UploadId id, std::string_view sha256, Finished done) override;
    void suspend(UploadId id) override;
    void abort(UploadId id) override;
    std::shared_ptr<const store::StoredFile> open(std::string_view sha256) override {
        return vault_.files().open(sha256);
    }
    void verify(std::string_view sha256, Verified done) override;
    void unneeded(std::string_view sha256) override { vault_.files().unneeded(sha256); }
    bool remove(std::string_view sha256) override {
        vault_.removeSuspended(sha256);
        return vault_.files().remove(sha256);
    }

    bool hasJob() { return !jobs_.empty() || vault_.files().doubtful(); }
    void runOne();
    bool unsynced() { return vault_.files().unsynced(); }
    void syncBehind() { vault_.files().syncBehind(); }
    std::string checkInvariants() { return vault_.checkInvariants(); }

  private:
    void answerBegun(UploadId id, Result<uint64_t> at, const Begun& done);
    void answerVerified(const std::string& sha256, int64_t sinceMs, const Verified& done);

    Clock clock_;
    store::FileVault vault_;
    UploadId lastUpload_ = 0;
    std::deque<std::function<void()>> jobs_;
};

}  // namespace netchat::simulate

#include "harness/simulate/stepped_files.h"

#include <utility>

namespace netchat::simulate {

store::FileStore::UploadId SteppedFiles::begin(uint64_t size, std::string_view sha256, Owner owner,
                                               Begun done) {
    const UploadId id = ++lastUpload_;
    jobs_.push_back([this, id, size, sha256 = std::string(sha256), owner, done = std::move(done)] {
        answerBegun(id, vault_.begin(id, size, sha256, owner, clock_()), done);
    });
    return id;
}

void SteppedFiles::answerBegun(UploadId id, Result<uint64_t> at, const Begun& done) {
    if (!at || !vault_.hashing(id)) return done(std::move(at));
    jobs_.push_back([this, id, done] { answerBegun(id, vault_.hashOn(id, clock_()), done); });
}

void SteppedFiles::write(UploadId id, std::string bytes, Written done) {
    jobs_.push_back([this, id, bytes = std::move(bytes), done = std::move(done)] {
        done(vault_.write(id, bytes));
    });
}

void SteppedFiles::finish(UploadId id, std::string_view sha256, Finished done) {
    jobs_.push_back([this, id, sha256 = std::string(sha256), done = std::move(done)] {
        done(vault_.finish(id, sha256));
    });
}

void SteppedFiles::suspend(UploadId id) {
    jobs_.push_back([this, id] { vault_.suspend(id, clock_()); });
}

void SteppedFiles::abort(UploadId id) {
    jobs_.push_back([this, id] { vault_.abort(id); });
}

void SteppedFiles::verify(std::string_view sha256, Verified done) {
    jobs_.push_back([this, sha256 = std::string(sha256), done = std::move(done)] {
        answerVerified(sha256, clock_() - store::KeptFiles::kReadAgainMs, done);
    });
}

void SteppedFiles::answerVerified(const std::string& sha256, int64_t sinceMs,
                                  const Verified& done) {
    using Check = store::KeptFiles::Check;
    const Check check = vault_.files().checkOn(sha256, sinceMs, clock_());
    if (check != Check::Going) return done(check == Check::Whole);
    jobs_.push_back([this, sha256, sinceMs, done] { answerVerified(sha256, sinceMs, done); });
}

void SteppedFiles::runOne() {
    if (jobs_.empty()) return vault_.files().checkSome(clock_());
    const auto job = std::move(jobs_.front());
    jobs_.pop_front();
    job();
}

}  // namespace netchat::simulate

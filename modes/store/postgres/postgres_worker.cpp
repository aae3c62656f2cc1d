#include "modes/store/postgres/postgres_worker.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace netchat::store {

namespace {

constexpr int64_t kPauseMs = 50, kPauseMaxMs = 500;

}  // namespace

PostgresWorker::PostgresWorker(const PostgresTarget& target, std::string purpose, Tell tell)
    : connection_(target, interrupt_, std::move(purpose)), tell_(std::move(tell)) {
}

PostgresWorker::~PostgresWorker() {
    end();
}

void PostgresWorker::start() {
    thread_ = std::thread([this] { run(); });
}

void PostgresWorker::add(Job job) {
    const MutexLock lock(mutex_);
    jobs_.push_back(std::move(job));
    added_.notifyOne();
}

void PostgresWorker::end() {
    {
        const MutexLock lock(mutex_);
        ended_ = true;
        added_.notifyOne();
    }
    interrupt_.end();
    if (thread_.joinable()) thread_.join();
}

// False: it is the end.
bool PostgresWorker::awaitJob() {
    MutexLock lock(mutex_);
    while (jobs_.empty() && !ended_) added_.wait(lock);
    return !ended_;
}

void PostgresWorker::run() {
    while (awaitJob()) {
        std::string why;
        if (!connection_.isOpen()) why = connection_.connect();
        bool done = false;
        if (why.empty()) {
            // It stays the first: jobs are added behind it.
            MutexLock lock(mutex_);
            Job& job = jobs_.front();
            lock.unlock();
            done = job(connection_, why);
        }
        if (done) {
            if (std::exchange(troubled_, false)) tell_({});
            pauseMs_ = 0;
            const MutexLock lock(mutex_);
            jobs_.pop_front();
        } else {
            if (!std::exchange(troubled_, true) && !interrupt_.ended()) tell_(why);
            pause();
        }
    }
    connection_.drop();
}

void PostgresWorker::pause() {
    pauseMs_ = std::clamp(pauseMs_ * 2, kPauseMs, kPauseMaxMs);
    rest(pauseMs_);
}

void PostgresWorker::rest(int64_t ms) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
    MutexLock lock(mutex_);
    while (!ended_ && added_.waitUntil(lock, until)) {
    }
}

}  // namespace netchat::store

#include "harness/run/breakable_pair.h"

#include <cassert>
#include <utility>

namespace netchat::harness {

BreakablePair::BreakablePair(net::EventLoop& loop, Database& database, Recorder& recorder,
                             TroubleHook onTrouble)
    : loop_(loop), database_(database), recorder_(recorder), onTrouble_(std::move(onTrouble)) {
}

BreakablePair::~BreakablePair() {
    if (thread_.joinable()) thread_.join();
}

void BreakablePair::strike(const FaultStep& step) {
    assert(!broken_);
    if (thread_.joinable()) thread_.join();
    broken_ = true;
    thread_ = std::thread([this, step, alive = std::weak_ptr<char>(alive_)] {
        const Status status = step.type->onDatabase(database_, step);
        loop_.post([this, status, alive] {
            if (!alive.expired()) back(status);
        });
    });
}

void BreakablePair::back(const Status& status) {
    if (status) {
        broken_ = false;
        return;
    }
    const std::string trouble = "the pair of databases is not whole again: " + status.error().text;
    recorder_.add({.kind = Kind::ServerFailed}, trouble);
    onTrouble_(trouble);
}

}  // namespace netchat::harness

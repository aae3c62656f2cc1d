#include "harness/run/auditor.h"

#include <algorithm>
#include <utility>

namespace netchat::harness {

using client::Event;
using client::EventKind;

Auditor::Auditor(net::EventLoop& loop, client::Options options, const Workload& workload,
                 Recorder& recorder, std::function<void()> done)
    : workload_(workload),
      recorder_(recorder),
      done_(std::move(done)),
      client_(loop, std::move(options), static_cast<client::Listener&>(*this)),
      open_(workload.rooms.begin(), workload.rooms.end()) {
}

void Auditor::start() {
    client_.start();
    for (const std::string& room : workload_.rooms) client_.join(room, 0);
}

void Auditor::stop() {
    done_ = {};
    client_.bye();
}

void Auditor::onEvent(const Event& event) {
    if (!done_) return;
    const std::string room(event.room);
    if (event.kind == EventKind::Disconnected || event.kind == EventKind::Refused) return finish();
    if (event.kind == EventKind::Joined) wanted_[room] = event.seq;
    if (event.kind == EventKind::Message || event.kind == EventKind::File) {
        read_[room] = std::max(read_[room], event.seq);
        recorder_.inLog(event);
    }
    if (!room.empty()) finishIfRead(room);
}

void Auditor::finishIfRead(const std::string& room) {
    const auto wanted = wanted_.find(room);
    if (wanted == wanted_.end() || read_[room] < wanted->second) return;
    open_.erase(room);
    if (open_.empty()) finish();
}

void Auditor::finish() {
    if (const auto done = std::exchange(done_, {})) done();
}

}  // namespace netchat::harness

#include "harness/run/auditor.h"

#include <algorithm>
#include <utility>

namespace netchat::harness {

namespace event = client::event;

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

void Auditor::onEvent(const client::Event& event) {
    if (!done_) return;
    if (client::isOneOf<event::Disconnected, event::Refused>(event)) return finish();
    const std::string room(client::roomOf(event));
    const auto entry = [&](const auto& one) {
        read_[room] = std::max(read_[room], one.seq);
        recorder_.inLog(one);
    };
    std::visit(
        client::Overloaded{[&](const event::Joined& joined) { wanted_[room] = joined.seq; },
                           [&](const event::Message& message) { entry(message); },
                           [&](const event::File& file) { entry(file); }, client::IgnoreOthers{}},
        event);
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

#pragma once

// What a session told, as short lines that a test can compare.

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "modes/client/event.h"
#include "modes/client/session.h"
#include "modes/client/stored_event.h"

namespace netchat::client::testing {

// "message lobby #3 alice 'hi'", then the flags that are set.
inline std::string describe(const Event& event) {
    std::string out(kindName(event.kind));
    const auto word = [&](std::string_view text) {
        if (!text.empty()) out += ' ' + std::string(text);
    };
    const auto number = [&](const char* mark, uint64_t value) {
        if (value != 0) out += ' ' + std::string(mark) + std::to_string(value);
    };
    word(event.room);
    number("#", event.seq);
    word(event.from);
    word(event.to);
    word(event.nick);
    word(event.state);
    word(event.name);
    number("size=", event.size);
    number("first=", event.first);
    number("last=", event.last);
    word(event.code);
    if (event.kind == EventKind::Refused) word("id=" + std::string(event.id));
    const bool says = event.kind == EventKind::Message || event.kind == EventKind::Private;
    if (says) out += " '" + std::string(event.text) + "'";
    if (event.own) out += " own";
    if (event.history) out += " history";
    return out;
}

class Recorder : public SessionSink, public Listener {
  public:
    void onEvent(const Event& event) override {
        if (event.kind != EventKind::Progress) lines.push_back(describe(event));
        if (event.kind == EventKind::Progress) ++progress;
        events.emplace_back(event);
        if (then) std::exchange(then, {})();
    }
    void onRoomReady(std::string_view room) override {
        calls.push_back("ready " + std::string(room));
    }
    bool uploading(std::string_view room) const override { return room == uploadsTo; }
    bool awaitsEntry(std::string_view room) const override { return room == sentTo; }
    void onAccepted(std::string_view id, uint64_t transfer, uint64_t at) override {
        calls.push_back("accepted " + std::string(id) + " " + std::to_string(transfer) + " " +
                        std::to_string(at));
    }
    void onUploaded(std::string_view id) override {
        calls.push_back("uploaded " + std::string(id));
    }
    void onAnnounced(const Event& file) override {
        calls.push_back("announced " + std::string(file.name));
    }
    void onChunk(std::string_view, uint64_t off, std::string_view bytes) override {
        calls.push_back("chunk " + std::to_string(off) + " " + std::string(bytes));
    }
    void onFileBegin(std::string_view from, std::string_view name, uint64_t size) override {
        calls.push_back("file " + std::string(from) + " " + std::string(name) + " " +
                        std::to_string(size));
    }
    void onFileBytes(std::string_view bytes) override { fileBytes += bytes; }
    void onFileEnd(int64_t time) override { calls.push_back("end " + std::to_string(time)); }

    bool has(std::string_view line) const {
        return std::find(lines.begin(), lines.end(), line) != lines.end();
    }
    // The events so far, and a clean slate.
    std::vector<std::string> take() { return std::exchange(lines, {}); }
    const Event& last() { return events.back().get(); }

    std::vector<std::string> lines, calls;
    std::vector<StoredEvent> events;
    std::string fileBytes, uploadsTo, sentTo;
    int progress = 0;
    std::function<void()> then;  // runs once, within the next event
};

}  // namespace netchat::client::testing

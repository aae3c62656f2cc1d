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

namespace netchat::client::fixtures {

// The fields of an event as words, in the order of a line.
struct Words {
    std::string out = {};

    template <class E>
    void operator()(const E& e) {
        out = E::kName;
        if constexpr (requires { e.room; }) word(e.room);
        if constexpr (requires { e.seq; }) number("#", e.seq);
        if constexpr (requires { e.common; }) number("#", e.common);
        if constexpr (requires { e.from; }) word(e.from);
        if constexpr (requires { e.to; }) word(e.to);
        if constexpr (requires { e.nick; }) word(e.nick);
        if constexpr (requires { e.state; }) word(e.state);
        if constexpr (requires { e.name; }) word(e.name);
        if constexpr (requires { e.size; }) number("size=", e.size);
        if constexpr (requires { e.first; }) number("first=", e.first);
        if constexpr (requires { e.last; }) number("last=", e.last);
        if constexpr (requires { e.code; }) word(e.code);
    }
    void word(std::string_view text) {
        if (!text.empty()) out += ' ' + std::string(text);
    }
    void number(const char* mark, uint64_t value) {
        if (value != 0) out += ' ' + std::string(mark) + std::to_string(value);
    }
};

// "message lobby #3 alice 'hi'", then the flags that are set.
inline std::string describe(const Event& event) {
    Words words;
    std::visit(words, event);
    const auto said = [&](const auto& message) {
        words.out += " '" + std::string(message.text) + "'";
    };
    std::visit(
        Overloaded{[&](const event::Refused& one) { words.word("id=" + std::string(one.id)); },
                   [&](const event::Message& one) { said(one); },
                   [&](const event::Private& one) { said(one); }, IgnoreOthers{}},
        event);
    if (isOwn(event)) words.out += " own";
    std::visit(
        [&](const auto& one) {
            if constexpr (requires { one.history; }) words.out += one.history ? " history" : "";
        },
        event);
    return words.out;
}

class Recorder : public SessionSink, public Listener {
  public:
    void onEvent(const Event& event) override {
        if (isOneOf<event::Progress>(event)) {
            ++progress;
        } else {
            lines.push_back(describe(event));
        }
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
    void onAnnounced(const event::File& file) override {
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
    // Throws where it is another event.
    template <class E>
    const E& last() {
        return std::get<E>(events.back().get());
    }

    std::vector<std::string> lines, calls;
    std::vector<StoredEvent> events;
    std::string fileBytes, uploadsTo, sentTo;
    int progress = 0;
    std::function<void()> then;  // runs once, within the next event
};

}  // namespace netchat::client::fixtures

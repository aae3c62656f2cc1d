#pragma once

// What a process of bots and its parent say to each other, over sockets that keep packets whole.
//
//     parent  -- commands: one line, then what it needs --------------->  worker
//     parent  <-- news: packets of one queue that all workers share ----  worker
//
// The queue is one, so that the order in which news is read is the order in which it happened: no
// bot can be read to have seen what another is read to say only later. Both ends are the same
// program: news has the layout of its structs.

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/journal/journal.h"
#include "harness/run/bot_handle.h"
#include "protocol/limits.h"

namespace netchat::harness {

inline constexpr int kCommandsFd = 3;  // of the worker
inline constexpr int kNewsFd = 4;
inline constexpr size_t kPacketBytesMax = 128 * limits::kKiB;

struct News {
    enum class Kind : uint8_t {
        Record,   // text: the record's or, of Sent and Upload, the id
        User,     // text: "SECRET NICK", user
        Status,   // of a bot; text: the reason
        Trouble,  // the worker cannot go on; text: why
    };
    Kind kind = Kind::Record;
    BotHandle::State state = BotHandle::State::Idle;
    bool done = false, connected = false, everConnected = false;
    uint32_t bot = 0;
    uint32_t textBytes = 0;  // that follow
    uint64_t user = 0;
    Record record = {};
};

inline void append(std::string& packet, News news, std::string_view text) {
    news.textBytes = static_cast<uint32_t>(text.size());
    packet.append(reinterpret_cast<const char*>(&news), sizeof news).append(text);
}

// Calls take(news, text) for each of a packet.
template <class Take>
void forEach(std::string_view packet, Take take) {
    while (packet.size() >= sizeof(News)) {
        News news;
        packet.copy(reinterpret_cast<char*>(&news), sizeof news);
        packet.remove_prefix(sizeof news);
        if (packet.size() < news.textBytes) return;
        take(news, packet.substr(0, news.textBytes));
        packet.remove_prefix(news.textBytes);
    }
}

}  // namespace netchat::harness

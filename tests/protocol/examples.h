#pragma once

// One example of every verb, with all its labels, and a decoder of any verb.

#include <optional>
#include <string>

#include "protocol/message.h"

namespace netchat::v2 {

inline constexpr std::string_view kExampleHash =
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
inline constexpr int64_t kExampleTime = 1'795'444'560'123;  // 2026-11-23T14:36:00.123Z

template <class Use>
void forEachClientExample(Use use) {
    use(Hello{.nick = "alice", .session = "s3cret", .auth = "word"});
    use(Join{.room = "lobby", .since = 41, .log = "5f1c09aa31d4be72@41"});
    use(Leave{.room = "lobby"});
    use(Say{.room = "lobby", .id = "17", .text = "hello\nworld, привет"});
    use(Tell{
        .to = "bob", .id = "18", .from = "alice", .user = 7, .time = kExampleTime, .text = "psst"});
    use(Nick{.nick = "алиса"});
    use(Who{.room = "lobby", .after = 7});
    use(Rooms{});
    use(History{.room = "lobby", .before = 42, .limit = 20});
    use(Search{.room = "lobby", .before = 42, .limit = 20, .words = "привет hello"});
    use(Offer{.room = "lobby",
              .id = "19",
              .name = "photo (2).jpg",
              .size = 4,
              .sha256 = kExampleHash,
              .folder = "project/src",
              .mtime = kExampleTime});
    use(Data{.transfer = 3, .sha256 = kExampleHash, .off = 65536, .bytes = "\xFF\x01\n\t%"});
    use(Get{.sha256 = kExampleHash, .at = 2, .len = 7});
    use(Verify{.sha256 = kExampleHash});
    use(Cancel{.transfer = 3, .sha256 = kExampleHash});
    use(Op{.act = "ban", .target = "192.0.2.0/24", .seconds = 3600, .reason = "spam"});
    use(Ping{.token = "t1"});
    use(Pong{.token = "t1"});
    use(Bye{.reason = "see you"});
}

template <class Use>
void forEachServerExample(Use use) {
    use(Welcome{.session = "s3cret",
                .user = 7,
                .nick = "alice",
                .durability = "process",
                .textMax = 1048576,
                .fileMax = 2147483648,
                .chunkMax = 1048576,
                .server = "netchat",
                .log = "5f1c09aa31d4be72"});
    use(Joined{.room = "lobby",
               .seq = 41,
               .members = 1,
               .log = "5f1c09aa31d4be72",
               .common = 40,
               .roster = "nick:alice\tuser:7\tdialect:v2\n"});
    use(Left{.room = "lobby", .seq = 42, .reason = "closed"});
    use(Msg{.room = "lobby",
            .seq = 42,
            .time = kExampleTime,
            .from = "alice",
            .user = 7,
            .id = "17",
            .again = 1,
            .text = "hello"});
    use(File{.room = "lobby",
             .seq = 43,
             .time = kExampleTime,
             .from = "alice",
             .user = 7,
             .id = "19",
             .name = "photo.jpg",
             .size = 4,
             .sha256 = kExampleHash,
             .again = 1,
             .folder = "project/src",
             .mtime = kExampleTime});
    use(Accept{.id = "19", .transfer = 3, .at = 2});
    use(Stored{.transfer = 3, .off = 65536});
    use(Presence{.room = "lobby", .state = "renamed", .nick = "bob", .user = 8, .was = "rob"});
    use(Named{.nick = "bob"});
    use(Roster{.room = "lobby", .members = 2, .more = 1, .lines = "nick:bob\tuser:8\n"});
    use(RoomList{.count = 1, .lines = "room:lobby\tmembers:2\tseq:43\n"});
    use(Page{.room = "lobby", .first = 42, .last = 43, .more = 1, .frames = "4         bye\n"});
    use(Found{.room = "lobby", .first = 42, .last = 43, .more = 1, .frames = "4         bye\n"});
    use(Gap{.room = "lobby", .from = 1, .to = 41});
    use(Verified{.sha256 = kExampleHash});
    use(Done{.act = "kick", .target = "bob", .text = "bob was kicked"});
    use(Notice{.text = "welcome\nall"});
    use(Failure{.code = "too-long",
                .re = "say",
                .id = "20",
                .room = "lobby",
                .nick = "bob",
                .sha256 = kExampleHash,
                .transfer = 3,
                .text = "a text has at most 1048576 bytes"});
}

template <class Use>
void forEachExample(Use use) {
    forEachClientExample(use);
    forEachServerExample(use);
}

// The frame decoded by its verb and encoded again; nothing for an unknown verb.
inline std::optional<Result<std::string>> recoded(const Frame& frame) {
    std::optional<Result<std::string>> out;
    forEachExample([&]<class M>(const M&) {
        if (frame.verb != M::kVerb) return;
        auto message = decode<M>(frame);
        if (!message) {
            out = message.error();
        } else {
            out = encoded(*message);
        }
    });
    return out;
}

}  // namespace netchat::v2
